package io.keelson.junit;

import io.keelson.apiserver.server.ApiServerCommand;
import picocli.CommandLine;

/** {@code keelson apiserver} as a program: the command that the {@code keelson} of the distribution runs under this name. */
final class ApiServerProgram {
    private ApiServerProgram() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ApiServerCommand()).execute(arguments));
    }
}
