//! The page of `topper listen --ui`.

use std::{path::PathBuf, sync::Arc};

use topper_core::Verifier;

use crate::{
    answers::Answers,
    console::Console,
    failure::Failure,
    inspector::{Inspector, Options, Page, Server, Source},
    keys,
};

#[derive(clap::Args)]
#[command(next_help_heading = "Page")]
pub(super) struct PageArgs {
    /// Show the deliveries on a page in the browser, too; replay and send from there
    ///
    /// --ui-port and --ui-host imply it.
    #[arg(long)]
    ui: bool,
    #[command(flatten)]
    options: Options,
    /// Sign what is sent from the page with this private key (JWK); default: the test key
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

impl PageArgs {
    fn is_wanted(&self) -> bool {
        self.ui || self.options.is_given()
    }
}

pub(super) fn check(args: &super::Args) -> Result<(), Failure> {
    match &args.page {
        page if page.key.is_some() && !page.is_wanted() => {
            Err(Failure::Input("--key signs what is sent from the page; add --ui".to_owned()))
        }
        _ => Ok(()),
    }
}

/// Serves it, if it is wanted.
pub(super) async fn open(
    args: &super::Args,
    url: &str,
    verifier: &Verifier,
    answers: &Arc<Answers>,
    console: &mut Console,
) -> Result<Option<Page>, Failure> {
    if !args.page.is_wanted() {
        return Ok(None);
    }
    let server = Server::bind(&args.page.options).await?;
    let key = keys::private(args.page.key.as_deref())?;
    let answers = args.forward_to.is_none().then(|| Arc::clone(answers));
    let (forward_to, ca) = (args.forward_to.clone(), args.ca.clone());
    let source = Source::Listen { url: url.to_owned(), forward_to, ca };
    let inspector = Arc::new(Inspector::new(source, verifier.clone(), key, answers));
    console.note(format_args!("open {} in a browser to see them", server.url()));
    Ok(Some(Page::serve(server, inspector)))
}
