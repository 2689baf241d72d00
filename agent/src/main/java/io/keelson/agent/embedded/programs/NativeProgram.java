package io.keelson.agent.embedded.programs;

import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/** A program of this build for the kind of processor that it was built on. */
public final class NativeProgram {
    private NativeProgram() {}

    /**
     * The program's file, whole.
     *
     * @param name as {@code keelson-shim}
     * @throws IOException if this build has none for the machine's processor
     */
    public static byte[] read(String name) throws IOException {
        String architecture = switch (System.getProperty("os.arch", "").toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64" -> "aarch64";
            case String other -> other;
        };
        String resource = "/native/linux-" + architecture + "/" + name;
        try (InputStream in = NativeProgram.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException(
                        "this build has no " + resource + ": the embedded runtime runs only on the kind of"
                                + " processor that it was built on; build on such a machine, or use containerd");
            }
            return in.readAllBytes();
        }
    }
}
