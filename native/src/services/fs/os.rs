//! What the operating system answers, as codes. A guest reads these messages, so none of them
//! names a path of the host.

use rustix::io::Errno;

use crate::base::error::{Code, Error};

/// The error of a failed system call.
pub(super) fn error(errno: Errno) -> Error {
    Error::new(code(errno), std::io::Error::from(errno).to_string())
}

fn code(errno: Errno) -> Code {
    match errno {
        Errno::NOENT => Code::NotFound,
        Errno::EXIST => Code::Exists,
        Errno::NOTEMPTY => Code::NotEmpty,
        // ENXIO and ENODEV: a FIFO, socket or device that slipped in after its type was checked.
        Errno::NOTDIR | Errno::LOOP | Errno::ISDIR | Errno::NXIO | Errno::NODEV => Code::NotAFile,
        Errno::NOSPC | Errno::DQUOT => Code::Quota,
        Errno::FBIG => Code::TooLarge,
        Errno::NAMETOOLONG | Errno::ILSEQ => Code::Invalid,
        _ => Code::Io,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errnos_have_the_codes_of_the_contract() {
        let table = [
            (Errno::NOENT, Code::NotFound),
            (Errno::EXIST, Code::Exists),
            (Errno::NOTDIR, Code::NotAFile),
            (Errno::LOOP, Code::NotAFile),
            (Errno::ISDIR, Code::NotAFile),
            (Errno::NOTEMPTY, Code::NotEmpty),
            (Errno::NOSPC, Code::Quota),
            (Errno::DQUOT, Code::Quota),
            (Errno::ACCESS, Code::Io),
            (Errno::PERM, Code::Io),
            (Errno::ROFS, Code::Io),
        ];
        for (errno, expected) in table {
            assert_eq!(error(errno).code, expected, "{errno:?}");
        }
    }
}
