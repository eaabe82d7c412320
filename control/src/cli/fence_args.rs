//! Options that restrict the targets of requests.

use clap::Args;
use vayu_shared::target_rule::TargetRule;

use crate::server::FenceOptions;

/// See the module documentation.
#[derive(Clone, Debug, Args)]
pub struct FenceArgs {
    /// Permit requests to the engine's own address: a tested server could then change stored data by a
    /// redirect
    #[arg(long)]
    allow_self: bool,
    /// Send requests to these targets only: hosts (api.example.com), domains (*.example.com), addresses and
    /// networks (10.0.0.0/8, [fd00::/8]), each with or without :PORT; checked on each connect, redirects
    /// included
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    allow_targets: Vec<TargetRule>,
    /// Send no requests to these targets; takes precedence over --allow-targets
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    deny_targets: Vec<TargetRule>,
}

impl FenceArgs {
    /// Returns the options of the fence.
    pub fn options(&self) -> FenceOptions {
        FenceOptions {
            allow_self: self.allow_self,
            allow: self.allow_targets.clone(),
            deny: self.deny_targets.clone(),
        }
    }
}
