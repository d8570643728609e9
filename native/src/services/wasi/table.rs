//! Every WASI function that is linked, with the verb that opens it. Functions without a verb open
//! nothing: they answer with constants, or speak of what the guest holds already.

use crate::gate::verb::Verb;

macro_rules! functions {
    ($($name:ident = $text:literal $(, $verb:ident)?;)*) => {
        /// A linked WASI function.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Function {
            $(#[doc = $text] $name,)*
        }

        impl Function {
            /// All of them, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Interface and function, as records name it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// The verb that opens it. Without a grant the function answers from the message alone.
            pub const fn verb(self) -> Option<Verb> {
                match self {
                    $(Self::$name => functions!(@verb $($verb)?),)*
                }
            }
        }
    };
    (@verb) => { None };
    (@verb $verb:ident) => { Some(Verb::$verb) };
}

functions! {
    GetEnvironment = "wasi:cli/environment#get-environment";
    GetArguments = "wasi:cli/environment#get-arguments";
    InitialCwd = "wasi:cli/environment#initial-cwd";
    Exit = "wasi:cli/exit#exit";
    GetStdin = "wasi:cli/stdin#get-stdin";
    GetStdout = "wasi:cli/stdout#get-stdout";
    GetStderr = "wasi:cli/stderr#get-stderr";
    GetTerminal = "wasi:cli/terminal#get-terminal";
    MonotonicNow = "wasi:clocks/monotonic-clock#now", ClockRead;
    MonotonicResolution = "wasi:clocks/monotonic-clock#resolution";
    Subscribe = "wasi:clocks/monotonic-clock#subscribe", ClockRead;
    WallNow = "wasi:clocks/wall-clock#now", ClockRead;
    WallResolution = "wasi:clocks/wall-clock#resolution";
    GetDirectories = "wasi:filesystem/preopens#get-directories";
    Descriptor = "wasi:filesystem/types#descriptor";
    ErrorText = "wasi:io/error#to-debug-string";
    Poll = "wasi:io/poll#poll";
    StreamRead = "wasi:io/streams#read";
    StreamCheck = "wasi:io/streams#check-write";
    StreamWrite = "wasi:io/streams#write", LogWrite;
    StreamFlush = "wasi:io/streams#flush";
    StreamSubscribe = "wasi:io/streams#subscribe";
    RandomBytes = "wasi:random/random#get-random-bytes", RandomRead;
    InsecureBytes = "wasi:random/insecure#get-insecure-random-bytes", RandomRead;
    InsecureSeed = "wasi:random/insecure-seed#insecure-seed", RandomRead;
}

/// How often each function was called by the message being served.
#[derive(Debug, Default)]
pub struct Counts([u32; Function::ALL.len()]);

impl Counts {
    /// Counts one call.
    pub fn add(&mut self, function: Function) {
        let count = &mut self.0[function as usize];
        *count = count.saturating_add(1);
    }

    /// What was called how often since the last time; starts again from zero.
    pub fn take(&mut self) -> impl Iterator<Item = (Function, u32)> + use<> {
        let counts = std::mem::take(&mut self.0);
        Function::ALL.iter().copied().zip(counts).filter(|(_, count)| *count > 0)
    }
}
