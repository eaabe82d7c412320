//! The texts of the scripts of a request.

/// The two scripts of a request. An empty text means no script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scripts {
    /// The pre-request script.
    pub pre: String,
    /// The test script.
    pub test: String,
}

impl Scripts {
    /// Returns whether there is no script.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.has_pre() && !self.has_test()
    }

    /// Returns whether there is a pre-request script.
    #[must_use]
    pub fn has_pre(&self) -> bool {
        !self.pre.trim().is_empty()
    }

    /// Returns whether there is a test script.
    #[must_use]
    pub fn has_test(&self) -> bool {
        !self.test.trim().is_empty()
    }
}
