package io.keelson.apiserver.server;

import io.keelson.apiserver.http.HttpLimits;
import io.keelson.apiserver.http.HttpSettings;

/**
 * How clients may use HTTP/2.
 *
 * @param enabled whether they may at all
 * @param streamsMax requests under way at once on a connection; 0 for what is usual
 * @param goAwayChance how likely a client is asked, with each request, to make another connection for the next ones
 */
public record Http2Serving(boolean enabled, int streamsMax, double goAwayChance) {
    public static final Http2Serving DEFAULT = new Http2Serving(true, 0, 0);

    /** More would have clients make connections all the time. */
    private static final double CHANCE_MAX = 0.02;

    /** The connection's window holds those of all streams, and is a number of 31 bits. */
    private static final int STREAMS_MAX = 32_000;

    /** @throws IllegalArgumentException naming the flag that cannot be used */
    public Http2Serving {
        if (!(goAwayChance >= 0 && goAwayChance <= CHANCE_MAX)) {
            throw new IllegalArgumentException("--goaway-chance can not be less than 0 or greater than 0.02");
        }
        if (streamsMax < 0 || streamsMax > STREAMS_MAX) {
            throw new IllegalArgumentException("--http2-max-streams-per-connection " + streamsMax
                    + " must be between 0 and " + STREAMS_MAX + ", inclusive");
        }
    }

    HttpSettings appliedTo(HttpSettings settings) {
        HttpSettings chosen = settings.withGoAwayChance(goAwayChance);
        if (streamsMax > 0) {
            HttpLimits limits = chosen.limits().withStreamsMax(streamsMax);
            chosen = chosen.withLimits(limits);
        }
        return enabled ? chosen : chosen.withoutHttp2();
    }
}
