//! The tables as declared for diesel.
//!
//! They mirror `migrations/`, which define the schema: defaults, checks, indices and cascades are there and
//! not here. The saved workspace (collections, requests, environments, globals) is part of the schema.

diesel::table! {
    collections (id) {
        id -> Text,
        parent_id -> Nullable<Text>,
        name -> Text,
        sort_order -> BigInt,
        variables -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    requests (id) {
        id -> Text,
        collection_id -> Text,
        name -> Text,
        method -> Text,
        url -> Text,
        params -> Text,
        headers -> Text,
        body -> Text,
        body_type -> Nullable<Text>,
        auth -> Text,
        pre_request_script -> Text,
        post_request_script -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    environments (id) {
        id -> Text,
        name -> Text,
        variables -> Text,
        is_active -> Bool,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    globals (id) {
        id -> Text,
        variables -> Text,
        updated_at -> BigInt,
    }
}

diesel::table! {
    runs (id) {
        id -> Text,
        request_id -> Nullable<Text>,
        environment_id -> Nullable<Text>,
        #[sql_name = "type"]
        kind -> Text,
        status -> Text,
        config_snapshot -> Text,
        start_time -> BigInt,
        end_time -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        pinned -> Bool,
        details_deleted_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    run_summaries (run_id) {
        run_id -> Text,
        summary -> Text,
    }
}

diesel::table! {
    run_checkpoints (run_id) {
        run_id -> Text,
        alive_at -> BigInt,
        summary -> Text,
    }
}

diesel::table! {
    run_histograms (run_id, name) {
        run_id -> Text,
        name -> Text,
        histogram -> Binary,
    }
}

diesel::table! {
    run_intervals (id) {
        id -> BigInt,
        run_id -> Text,
        name -> Text,
        start_ns -> BigInt,
        length_ns -> BigInt,
        max_ns -> BigInt,
        histogram -> Binary,
    }
}

diesel::table! {
    results (id) {
        id -> BigInt,
        run_id -> Text,
        timestamp -> BigInt,
        status_code -> Integer,
        latency_ms -> Double,
        error -> Nullable<Text>,
        error_detail -> Nullable<Text>,
        trace -> Nullable<Text>,
    }
}

diesel::table! {
    metrics (id) {
        id -> BigInt,
        run_id -> Text,
        timestamp -> BigInt,
        name -> Text,
        value -> Double,
    }
}

diesel::table! {
    cookie_jars (environment_id) {
        environment_id -> Text,
        jar -> Text,
        updated_at -> BigInt,
    }
}

diesel::table! {
    kv_store (key) {
        key -> Text,
        value -> Text,
        updated_at -> BigInt,
    }
}
