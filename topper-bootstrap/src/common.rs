//! The settings that on-ramp and off-ramp have in common.

use serde::Serialize;

use crate::{
    ClaimsError, Partner,
    partner::{ReusableKyc, Simulation},
};

/// Their claims.
#[derive(Clone, Default, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Common {
    /// Settings of the partner whose widget it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) partner: Option<Partner>,
    /// What is assumed until the user has logged in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) simulation: Option<Simulation>,
    /// An identity check that was done elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reusable_kyc: Option<ReusableKyc>,
}

impl Common {
    pub(crate) fn check(&self) -> Result<(), ClaimsError> {
        self.partner.as_ref().map_or(Ok(()), Partner::check)?;
        self.simulation.as_ref().map_or(Ok(()), Simulation::check)?;
        self.reusable_kyc.as_ref().map_or(Ok(()), ReusableKyc::check)
    }
}

/// The methods that set them, and claims that this version does not know.
macro_rules! common_settings {
    () => {
        /// Your settings: name, fee, where the user goes on, checks of the device.
        pub fn partner(mut self, partner: $crate::Partner) -> Self {
            self.claims.common.partner = Some(partner);
            self
        }

        /// The country that is assumed until the user has logged in (ISO 3166-1 alpha-2, such as `PT`).
        pub fn simulate_country(mut self, country: impl Into<String>) -> Self {
            self.claims.common.simulation = Some($crate::partner::Simulation::new(country));
            self
        }

        /// An identity check that was done elsewhere: the provider, and the token it issued.
        pub fn reusable_kyc(
            mut self,
            provider: impl Into<String>,
            token: impl Into<String>,
        ) -> Self {
            self.claims.common.reusable_kyc =
                Some($crate::partner::ReusableKyc::new(provider, token));
            self
        }

        /// A claim that this version does not know.
        ///
        /// # Errors
        ///
        /// When this crate writes a claim of that name itself, or RFC 7519 registers one; when the value
        /// is not JSON; when it has a private key in it.
        pub fn claim(
            mut self,
            name: &str,
            value: impl ::serde::Serialize,
        ) -> Result<Self, $crate::ClaimsError> {
            let value = $crate::configuration::further(name, value)?;
            self.further.insert(name.to_owned(), value);
            Ok(self)
        }
    };
}
pub(crate) use common_settings;
