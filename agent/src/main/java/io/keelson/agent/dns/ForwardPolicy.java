package io.keelson.agent.dns;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/** In which order servers are asked. */
public enum ForwardPolicy {
    /** In any. */
    RANDOM,
    /** Each question begins with the server after the one that the question before began with. */
    ROUND_ROBIN,
    /** In the order in which they are named. */
    SEQUENTIAL;

    <T> List<T> order(List<T> servers, int turn) {
        List<T> order = new ArrayList<>(servers);
        switch (this) {
            case RANDOM -> Collections.shuffle(order, ThreadLocalRandom.current());
            case ROUND_ROBIN -> Collections.rotate(order, -Math.floorMod(turn, order.size()));
            case SEQUENTIAL -> {}
        }
        return order;
    }

    /** How settings write it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
