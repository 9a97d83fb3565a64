//! What a text looks like that is not a public key.

/// What was configured in place of a public key, and what to do.
///
/// No message shows any part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum KeyTextError {
    /// A path, or `@` and a path.
    #[error(
        "it looks like a file name: set TOPPER_WEBHOOK_PUBLIC_KEY_FILE to read the key from a file"
    )]
    FileName,
    /// A key where the path of a file belongs.
    #[error("it looks like a key, not a file name: set TOPPER_WEBHOOK_PUBLIC_KEY to it instead")]
    NotFileName,
    /// A URL.
    #[error("it looks like a URL, and keys are not downloaded: paste the public key itself")]
    Url,
    /// The address of a secret in a secret store.
    #[error(
        "it looks like the name of a secret in a secret store: have your platform put the secret's \
         value there"
    )]
    SecretReference,
    /// A placeholder or a template that was not filled in.
    #[error("it looks like a placeholder that was never filled in: paste the public key itself")]
    Placeholder,
    /// A variable's name, `=` and a value.
    #[error("it looks like an assignment: paste only what follows the equals sign")]
    Assignment,
    /// What a program writes for a value that is missing.
    #[error(
        "it is what a program writes for a missing value: check where your deployment takes the key \
         from"
    )]
    MissingValue,
    /// A web page.
    #[error("it looks like a web page or XML: copy the public key alone, not the page around it")]
    Markup,
    /// The answer of a server that failed.
    #[error(
        "it looks like a server's error answer: check the request that was meant to fetch the key"
    )]
    ErrorDocument,
    /// The discovery document of an OpenID provider.
    #[error(
        "it looks like an OpenID discovery document: paste the keys that its `jwks_uri` leads to"
    )]
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
    /// A key in PEM or DER of an algorithm that is only read from a JWK, if at all.
    #[error("it is {0}, and only a P-256 key is read from PEM: paste the key as a JWK")]
    OtherAlgorithm(&'static str),
    /// A P-256 key in PEM or DER whose point is compressed.
    #[error(
        "its point is compressed: convert it with `openssl ec -pubin -conv_form uncompressed`, or \
         paste the key as a JWK"
    )]
    CompressedPoint,
    /// More than one block of PEM.
    #[error("it has more than one PEM block: to configure several keys, use a JWK Set")]
    SeveralPem,
    /// A block of PEM of another kind.
    #[error(
        "it is a PEM block of another kind: paste the block whose label is that of a public key"
    )]
    OtherPem,
    /// A block of PEM that cannot be read.
    #[error("it looks like a damaged PEM block: paste it whole, with its first and its last line")]
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
    /// A point in base64, without the name of its curve.
    #[error("it looks like the bare point of a key: paste the key as a JWK or in PEM")]
    BarePoint,
    /// A JWS or JWT.
    #[error("it looks like a signature or a token (JWS, JWT): paste the key that verifies it")]
    Token,
    /// A secret that signs webhooks of other services.
    #[error(
        "it looks like the webhook signing secret (whsec) of another service: Topper's webhooks are \
         verified with a public key"
    )]
    SigningSecret,
    /// A password, an API key, a key for HMAC, a part of a key.
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
    #[error("it has single quotation marks inside, and JSON needs double ones: copy the JWK again")]
    SingleQuotes,
    /// JSON with the quotation marks of a text processor.
    #[error(
        "it has typographic quotation marks, and JSON needs plain ones: copy the JWK from its source"
    )]
    TypographicQuotes,
    /// The start or the end is missing.
    #[error(
        "it looks like a part of a JWK: paste it whole, and on one line where only one line is read"
    )]
    Truncated,
    /// An array of keys, without the object around it.
    #[error("it is a JSON array: wrap the array in an object, as its field `keys`")]
    Array,
    /// `{}`.
    #[error(
        "it is an empty JSON object: paste the public key that Topper shows for the webhook's URL"
    )]
    EmptyObject,
    /// An object that is neither a JWK nor a JWK Set.
    #[error(
        "it is a JSON object without `kty` or `keys`: paste only the JWK, not what contains it"
    )]
    OtherObject,
    /// Anything else.
    #[error(
        "it is neither JSON nor PEM: paste the public key that Topper shows for the webhook's URL"
    )]
    Unknown,
}
