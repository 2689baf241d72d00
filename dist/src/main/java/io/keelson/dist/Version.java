package io.keelson.dist;

import picocli.CommandLine.IVersionProvider;

/** What this build is, from its jar's manifest, and what runs it. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Version.class.getPackage().getImplementationVersion();
        return new String[] {
            "keelson " + (version == null ? "development" : version),
            "java " + Runtime.version() + " (" + System.getProperty("java.vendor") + ")"
        };
    }
}
