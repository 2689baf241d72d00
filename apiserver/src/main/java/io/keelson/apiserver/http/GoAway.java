package io.keelson.apiserver.http;

import io.keelson.apiserver.request.RequestInfo;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Decides by lot when a client of HTTP/2 is asked to make another connection for its next requests. Such clients keep one
 * connection for everything; behind a balancer, they would all stay with the server that happened to be up first.
 *
 * @param chance for each request, from 0 to 1
 */
record GoAway(double chance) {
    /** Whether this is a request after which its client is to go elsewhere. What lasts is no occasion. */
    boolean due(RequestInfo request) {
        return chance > 0 && !request.lasts() && ThreadLocalRandom.current().nextDouble() < chance;
    }
}
