package io.keelson.apiserver.server;

import java.io.IOException;
import java.nio.file.Path;

/** A server as flags of {@code keelson apiserver} make it, and its administrator. */
record FlaggedServer(ApiServer server, Caller admin) implements AutoCloseable {
    /** On a port of loopback that is free, with everything in a folder. */
    static FlaggedServer start(Path folder, String... flags) throws IOException, InterruptedException {
        ApiServer server = ApiServer.start(Flags.config(folder, flags));
        return new FlaggedServer(server, Caller.admin(server));
    }

    @Override
    public void close() {
        admin.close();
        server.close();
    }
}
