package io.keelson.agent.cri;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest picture of each pod of which the runtime has something, and who is told when one changes. A look that began
 * before the one whose picture is here comes too late, and is dropped. Any thread.
 */
final class PodPictures {
    private static final Logger LOG = LoggerFactory.getLogger(PodPictures.class);
    private static final int GONE_REMEMBERED = 1024;

    private final Map<String, RuntimePod> pictures = new HashMap<>();

    /** Which container belongs to which pod: of one that is gone, an event tells the id only. */
    private final Map<String, String> podsOfIds = new HashMap<>();

    /** Since when of pods nothing is left, of the last ones: a look of before must not bring them back. */
    private final Map<String, Instant> gone = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
            return size() > GONE_REMEMBERED;
        }
    };

    private final List<RuntimePods.Listener> listeners = new CopyOnWriteArrayList<>();

    synchronized RuntimePod pod(String uid) {
        RuntimePod known = pictures.get(uid);
        return known != null ? known : RuntimePod.none(uid, gone.getOrDefault(uid, Instant.EPOCH));
    }

    synchronized Collection<RuntimePod> pods() {
        return new ArrayList<>(pictures.values());
    }

    /** The pod that has a sandbox or a container of this id; null if none is known to. */
    synchronized @Nullable String podOf(String id) {
        return podsOfIds.get(id);
    }

    /** Tells a new listener of all that is here, and from then on of what changes. */
    synchronized Runnable listen(RuntimePods.Listener listener) {
        listeners.add(listener);
        for (RuntimePod known : pictures.values()) {
            tell(listener, null, known);
        }
        return () -> listeners.remove(listener);
    }

    /** Takes a picture in, and returns the newest one there is. */
    synchronized RuntimePod put(RuntimePod picture) {
        String uid = picture.uid();
        RuntimePod before = pictures.get(uid);
        Instant newest = before != null ? before.since() : gone.getOrDefault(uid, Instant.MIN);
        if (newest.isAfter(picture.since())) {
            return pod(uid);
        }
        if (before != null) {
            ids(before).forEach(podsOfIds::remove);
        }
        if (picture.isEmpty()) {
            pictures.remove(uid);
            // At the end of the order, should it be there already.
            gone.remove(uid);
            gone.put(uid, picture.since());
        } else {
            gone.remove(uid);
            pictures.put(uid, picture);
            ids(picture).forEach(id -> podsOfIds.put(id, uid));
        }
        boolean differs = before == null ? !picture.isEmpty() : !before.sameAs(picture);
        if (differs) {
            // In here, so that all are told in the same order; they are bound to return at once.
            listeners.forEach(listener -> tell(listener, before, picture));
        }
        return picture;
    }

    private static List<String> ids(RuntimePod pod) {
        List<String> ids = new ArrayList<>();
        pod.sandboxes().forEach(sandbox -> ids.add(sandbox.getId()));
        pod.containers().forEach(container -> ids.add(container.id()));
        return ids;
    }

    private static void tell(RuntimePods.Listener listener, @Nullable RuntimePod before, RuntimePod now) {
        try {
            listener.changed(before, now);
        } catch (RuntimeException e) {
            LOG.error("a listener failed that was told of pod {}", now.uid(), e);
        }
    }
}
