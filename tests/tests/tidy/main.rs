//! The rules of the repository that a program can check: import directions, lengths of lines, functions and files,
//! names, words, and files that nothing uses. Reads the files as git lists them; starts only git.

mod dead_files;
mod graph;
mod imports;
mod lengths;
mod names;
mod tree;
mod words;
