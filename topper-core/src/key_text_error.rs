//! Recognising what was configured instead of a public key.

/// What was configured instead of a public key.
///
/// Each message says what to do. No message shows any part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum KeyTextError {
    /// A path, or `@` and a path.
    #[error(
        "it looks like a file name: set TOPPER_WEBHOOK_PUBLIC_KEY_FILE to read the key from a file"
    )]
    FileName,
    /// A key instead of the path of a file.
    #[error("it looks like a key, not a file name: set TOPPER_WEBHOOK_PUBLIC_KEY to it instead")]
    NotFileName,
    /// A URL.
    #[error("it looks like a URL, and keys are not downloaded: paste the public key itself")]
    Url,
    /// The address of a secret in a secret store.
    #[error(
        "it looks like the name of a secret in a secret store: configure your platform to set the \
         secret's value"
    )]
    SecretReference,
    /// A placeholder or a template that was not filled in.
    #[error("it looks like a placeholder that was never filled in: paste the public key itself")]
    Placeholder,
    /// A variable's name, `=` and a value.
    #[error("it looks like an assignment: paste only what follows the equals sign")]
    Assignment,
    /// The text that a program writes for a missing value.
    #[error(
        "it looks like what a program writes for a missing value: check where your deployment gets \
         the key from"
    )]
    MissingValue,
    /// A web page.
    #[error("it looks like a web page or XML: copy the public key alone, not the page around it")]
    Markup,
    /// The error response of a server.
    #[error("it looks like the error response of a server: check the request that fetches the key")]
    ErrorDocument,
    /// The discovery document of an OpenID provider.
    #[error("it looks like an OpenID discovery document: paste the keys from its `jwks_uri`")]
    DiscoveryDocument,
    /// A certificate or a request for one.
    #[error(
        "it looks like a certificate: paste the public key that Topper shows for the webhook's URL"
    )]
    Certificate,
    /// A private key, encrypted or not.
    #[error(
        "it looks like a private key, which must not be on this machine: remove it, and configure \
         the public key that Topper shows for the webhook's URL"
    )]
    PrivateKey,
    /// A key in PEM or DER whose algorithm can be configured only as a JWK, or not at all.
    #[error("it is {0}, but only P-256 keys can be read from PEM: paste the key as a JWK")]
    OtherAlgorithm(&'static str),
    /// A P-256 key in PEM or DER whose point is compressed.
    #[error(
        "its point is compressed: convert it with `openssl ec -pubin -conv_form uncompressed`, or \
         paste the key as a JWK"
    )]
    CompressedPoint,
    /// More than one PEM block.
    #[error("it has more than one PEM block: to configure several keys, use a JWK Set")]
    SeveralPem,
    /// A PEM block of another kind.
    #[error("it is a PEM block of another kind: paste the block of the public key itself")]
    OtherPem,
    /// A PEM block that cannot be read.
    #[error(
        "it looks like a damaged PEM block: paste all of it, including the first and last line"
    )]
    DamagedPem,
    /// An SSH key.
    #[error(
        "it looks like an SSH key: paste the public key that Topper shows for the webhook's URL"
    )]
    Ssh,
    /// The id of a key.
    #[error("it looks like a UUID, such as the `kid` of a key: paste the whole key, not its id")]
    KeyId,
    /// Hexadecimal digits.
    #[error("it looks like hexadecimal digits: paste the key as a JWK or in PEM")]
    Hex,
    /// A curve point in base64, without the name of its curve.
    #[error(
        "it looks like a curve point without the rest of the key: paste the key as a JWK or in PEM"
    )]
    BarePoint,
    /// A JWS or JWT.
    #[error("it looks like a signature or a token (JWS, JWT): paste the key that verifies it")]
    Token,
    /// A signing secret of another service.
    #[error(
        "it looks like the webhook signing secret (whsec) of another service: Topper's webhooks are \
         verified with a public key"
    )]
    SigningSecret,
    /// A password, an API key, an HMAC key, or a part of a key.
    #[error(
        "it looks like a shared secret or a part of a key: paste the whole public key that Topper \
         shows for the webhook's URL"
    )]
    Secret,
    /// JSON without its quotation marks.
    #[error(
        "it looks like a JWK whose quotation marks a shell removed: put the JWK in single quotes"
    )]
    LostQuotes,
    /// An object with single quotation marks.
    #[error(
        "it has single quotation marks inside, but JSON needs double quotation marks: copy the JWK again"
    )]
    SingleQuotes,
    /// JSON with the quotation marks of a word processor.
    #[error(
        "it has typographic quotation marks, but JSON needs plain ones: copy the JWK from its source"
    )]
    TypographicQuotes,
    /// The start or the end is missing.
    #[error(
        "it looks like a part of a JWK: paste all of it, on one line if your platform reads only one line"
    )]
    Truncated,
    /// An array of keys, without the object around it.
    #[error("it is a JSON array: put it into an object, as the field `keys`")]
    Array,
    /// `{}`.
    #[error(
        "it is an empty JSON object: paste the public key that Topper shows for the webhook's URL"
    )]
    EmptyObject,
    /// An object that is neither a JWK nor a JWK Set.
    #[error(
        "it is a JSON object without `kty` or `keys`: paste only the JWK, not the object around it"
    )]
    OtherObject,
    /// Anything else.
    #[error(
        "it is neither JSON nor PEM: paste the public key that Topper shows for the webhook's URL"
    )]
    Unknown,
}
