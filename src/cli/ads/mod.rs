//! `geminivideo budget` and `geminivideo kill`: tables of ads in, decisions out, changes only where asked for.

mod acting;
pub(super) mod budget;
pub(super) mod kill;

use super::Context;
use crate::optimize::table::AdTable;
use crate::{Error, Result};
use std::io::Read;
use std::path::{Path, PathBuf};

pub(super) use acting::Acting;

/// The table of ads that both commands read.
#[derive(clap::Args)]
pub(super) struct Input {
    /// The table of ads: CSV, JSON (a list of objects) or Parquet; `-` reads CSV or JSON from standard input
    #[arg(value_name = "ADS")]
    ads: PathBuf,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

impl Input {
    fn read(&self, context: &Context<'_>) -> Result<AdTable> {
        let failed = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                Error::Media(gv_media::Error::FileNotFound { path: self.ads.clone() })
            }
            _ => Error::Input { path: self.ads.clone(), source: error },
        };
        let mut bytes = Vec::new();
        if self.ads.as_os_str() == "-" {
            std::io::stdin().lock().read_to_end(&mut bytes).map_err(failed)?;
        } else {
            bytes = std::fs::read(&self.ads).map_err(failed)?;
        }
        if bytes.starts_with(b"PAR1") {
            bytes = (context.read_parquet)(&self.ads)?;
        }
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        let table = if matches!(first, Some(b'[' | b'{')) {
            AdTable::from_json(&bytes)?
        } else {
            AdTable::from_csv(&bytes)?
        };
        Ok(table)
    }
}

/// Says that this program reads no Parquet.
///
/// # Errors
///
/// Always [`Error::NoParquet`].
pub fn no_parquet(path: &Path) -> Result<Vec<u8>> {
    Err(Error::NoParquet { path: path.to_owned() })
}

fn print(context: &mut Context<'_>, text: &str) -> Result<()> {
    match context.out.write_all(text.as_bytes()).and_then(|()| context.out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(|source| Error::Output { path: "standard output".into(), source }),
    }
}

fn print_json(context: &mut Context<'_>, value: &impl serde::Serialize) -> Result<()> {
    let mut text = serde_json::to_string_pretty(value)
        .map_err(|error| Error::Internal { message: error.to_string() })?;
    text.push('\n');
    print(context, &text)
}

/// What a table says beside its rows.
fn remarks(table: &AdTable) -> String {
    if table.ignored.is_empty() {
        String::new()
    } else {
        format!("Columns not read: {}\n", table.ignored.join(", "))
    }
}
