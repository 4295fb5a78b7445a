//! The command line is well-formed, and every flag has its twin.

use clap::CommandFactory;

use super::*;

#[test]
fn the_definition_holds() {
    Cli::command().debug_assert();
}

#[test]
fn every_flag_has_an_environment_twin() {
    fn walk(command: &clap::Command) {
        for flag in command
            .get_arguments()
            .filter(|arg| arg.get_long().is_some() && !arg.is_positional())
        {
            let name = flag.get_id().as_str();
            if matches!(name, "help" | "version") {
                continue;
            }
            let twin = format!("FLORILEGE_{}", name.to_uppercase());
            let found = flag.get_env().map(|env| env.to_string_lossy().into_owned());
            assert_eq!(found, Some(twin), "{} --{name}", command.get_name());
        }
        command.get_subcommands().for_each(walk);
    }
    walk(&Cli::command());
}

#[test]
fn wrong_usage_is_told_apart() {
    for line in [
        "florilege",
        "florilege serve",
        "florilege load --data x",
        "florilege keys add --data x --scope root",
    ] {
        let error = Cli::try_parse_from(line.split(' ')).expect_err(line);
        assert_eq!(error.exit_code(), 2, "{line}");
    }
    let help = Cli::try_parse_from(["florilege", "serve", "--help"]).expect_err("help");
    assert_eq!(help.exit_code(), 0);
}
