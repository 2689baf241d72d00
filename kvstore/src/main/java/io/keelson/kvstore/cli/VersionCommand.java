package io.keelson.kvstore.cli;

/** {@code version}. */
final class VersionCommand {
    /** The version of the etcd v3 interface that is spoken. */
    private static final String API_VERSION = "3.6";

    private VersionCommand() {}

    static void run(Invocation call) {
        String version = VersionCommand.class.getPackage().getImplementationVersion();
        call.console().println(KvCommandLine.PROGRAM + " version: " + (version == null ? "development" : version));
        call.console().println("API version: " + API_VERSION);
    }
}
