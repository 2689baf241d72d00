package io.keelson.dist.kills;

import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** What is killed, with how often of a hundred times in each layout. */
enum Victim {
    /** {@code keelson up}, with all that is in it. */
    UP(10, 4),
    AGENT(0, 10),
    RUNTIME(0, 10),
    PROXY(0, 4),
    DNS(0, 2),
    SHIM(45, 35),
    /** A process of a container, whichever. */
    CONTAINER(45, 35);

    private final int together;
    private final int apart;

    Victim(int together, int apart) {
        this.together = together;
        this.apart = apart;
    }

    /** Whether it is one of the cluster's own processes, which somebody has to begin again. */
    boolean isPart() {
        return this != SHIM && this != CONTAINER;
    }

    /** The parts that are processes in a layout, in the order in which they are started. */
    static List<Victim> parts(boolean isApart) {
        return isApart ? List.of(UP, RUNTIME, AGENT, PROXY, DNS) : List.of(UP);
    }

    static Victim next(SplittableRandom random, boolean isApart) {
        int left = random.nextInt(100);
        for (Victim victim : values()) {
            left -= isApart ? victim.apart : victim.together;
            if (left < 0) {
                return victim;
            }
        }
        throw new IllegalStateException("the shares are not a hundred");
    }

    String title() {
        return name().toLowerCase(Locale.ROOT);
    }
}
