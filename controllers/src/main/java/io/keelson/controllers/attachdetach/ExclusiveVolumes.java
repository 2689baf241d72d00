package io.keelson.controllers.attachdetach;

import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Volumes that only one node may have, and for which node they were asked, until the cache shows it. Two nodes are looked at
 * at once, and each look may be on a picture that shows the attachment of neither: without this, both would get the volume.
 *
 * <p>An entry goes when the cache shows the very attachment that was made, or the API refused it. One that nobody clears, as
 * the outcome of a call is not known, counts for a minute. Safe for any thread; holds an entry for each volume that is being
 * asked for.
 */
final class ExclusiveVolumes {
    private static final Duration GIVEN_UP = Duration.ofMinutes(1);

    private final Time time;
    private final Map<String, Asked> asked = new HashMap<>();

    /** @param uid of the attachment that was made; null if none has been yet */
    private record Asked(String node, Instant at, @Nullable String uid) {}

    /** None. */
    ExclusiveVolumes(Time time) {
        this.time = time;
    }

    /**
     * Takes a volume for a node, which may have it already. Who has taken it looks at the cache once more: what another node
     * had until now the cache shows by now.
     *
     * @return false if it is taken for another node
     */
    synchronized boolean take(String volume, String node) {
        Instant now = time.steady();
        asked.values().removeIf(old -> !old.at().plus(GIVEN_UP).isAfter(now));
        Asked known = asked.get(volume);
        if (known != null && !known.node().equals(node)) {
            return false;
        }
        asked.put(volume, new Asked(node, now, null));
        return true;
    }

    /** An attachment was made: when the cache shows this very one, the entry goes. */
    synchronized void made(String volume, String node, String uid) {
        Asked known = asked.get(volume);
        if (known != null && known.node().equals(node)) {
            asked.put(volume, new Asked(node, known.at(), uid));
        }
    }

    /** The cache shows an attachment of a volume, or that it is gone. */
    synchronized void seen(String volume, String uid) {
        Asked known = asked.get(volume);
        if (known != null && uid.equals(known.uid())) {
            asked.remove(volume);
        }
    }

    /** A node does not ask for a volume any more: another one has it, or the API refused it. */
    synchronized void leave(String volume, String node) {
        Asked known = asked.get(volume);
        if (known != null && known.node().equals(node)) {
            asked.remove(volume);
        }
    }
}
