package io.keelson.controllers.garbagecollector;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Owners that the API said are not there; a uid that is gone never comes back. Those asked for last are kept, five
 * hundred of them: the others are asked for again.
 */
final class AbsentOwners {
    private static final int REMEMBERED = 500;

    private final Map<Identity, Boolean> known = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Identity, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    };

    synchronized void add(Identity owner) {
        known.put(owner, true);
    }

    synchronized boolean contains(Identity owner) {
        return known.get(owner) != null;
    }
}
