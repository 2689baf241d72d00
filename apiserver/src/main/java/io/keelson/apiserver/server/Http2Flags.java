package io.keelson.apiserver.server;

import picocli.CommandLine.Option;

/** The flags of {@link Http2Serving}. */
final class Http2Flags {
    @Option(
            names = "--disable-http2-serving",
            arity = "0..1",
            defaultValue = "false",
            fallbackValue = "true",
            description = "Whether clients have to do with HTTP/1.1. Default: false")
    private boolean disabled;

    @Option(
            names = "--http2-max-streams-per-connection",
            paramLabel = "COUNT",
            defaultValue = "0",
            description = "How many requests may be under way at once on a connection of HTTP/2; 0 for 250. Default: 0")
    private int streamsMax;

    @Option(
            names = "--goaway-chance",
            paramLabel = "PROBABILITY",
            defaultValue = "0",
            description =
                    "How likely, with each request, a client of HTTP/2 is asked to make another connection for its next"
                            + " requests, so that clients spread over servers behind a balancer: from 0 to 0.02."
                            + " Requests under way are answered. Default: 0")
    private double goAwayChance;

    /** @throws IllegalArgumentException naming the flag that cannot be used */
    Http2Serving settings() {
        return new Http2Serving(!disabled, streamsMax, goAwayChance);
    }
}
