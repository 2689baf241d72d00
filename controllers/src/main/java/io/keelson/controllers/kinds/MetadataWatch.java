package io.keelson.controllers.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.runtime.Time;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the objects of one kind in all namespaces: lists them, watches from there, and lists again if the watch was
 * away for too long. What goes wrong is tried again, the first time after 100 ms, then later each time, at most half a
 * minute.
 */
public final class MetadataWatch {
    private static final Logger LOG = LoggerFactory.getLogger(MetadataWatch.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LAST_RETRY = Duration.ofSeconds(30);
    private static final int WATCH_SECONDS_MIN = 300;

    private final MetadataClient client;
    private final Kind kind;
    private final Time time;
    private final Listener listener;
    private Duration retry = FIRST_RETRY;

    /** Is told what there is, by one thread, in order. */
    public interface Listener {
        /** These are all objects there are; what is not among them is gone. */
        void replaced(List<Metadata> all);

        /** An object is new, or another than before. */
        void changed(Metadata object);

        /** An object is gone; this is what it was last. */
        void deleted(Metadata object);
    }

    /** Follows a kind that can be listed and watched. */
    public MetadataWatch(MetadataClient client, Kind kind, Time time, Listener listener) {
        this.client = client;
        this.kind = kind;
        this.time = time;
        this.listener = listener;
    }

    /** Follows until the thread is interrupted. */
    public void run() throws InterruptedException {
        while (true) {
            try {
                MetadataClient.Listed listed = client.list(kind, "");
                listener.replaced(listed.objects());
                if (!follow(listed.resourceVersion())) {
                    // A server that lists and refuses to watch from there would be asked for all of it without a pause.
                    backOff();
                }
            } catch (KubernetesClientException e) {
                LOG.debug("{} cannot be followed: {}", kind.groupResource(), e.getMessage());
                backOff();
            }
        }
    }

    /**
     * Watches from a version on, anew where it was as often as the watch ends; returns if that is too long ago.
     *
     * @return whether the API has told of anything
     */
    private boolean follow(String from) throws InterruptedException {
        String version = from;
        boolean heard = false;
        while (true) {
            // Watches of all kinds begin at once and should not end at once.
            int seconds = WATCH_SECONDS_MIN + ThreadLocalRandom.current().nextInt(WATCH_SECONDS_MIN);
            String before = version;
            try (WatchStream events = new WatchStream(
                    client, client.watchRequest(kind, version, seconds), Duration.ofSeconds(seconds + 30))) {
                for (JsonNode event = events.next(); event != null; event = events.next()) {
                    String type = event.path("type").asText("");
                    JsonNode object = event.path("object");
                    if (type.equals("ERROR")) {
                        if (object.path("code").asInt() == HttpURLConnection.HTTP_GONE) {
                            return heard;
                        }
                        LOG.debug("watching {}: {}", kind.groupResource(), object.path("message"));
                        break;
                    }
                    Metadata metadata = Metadata.of(object);
                    tell(type, metadata);
                    version = metadata.resourceVersion();
                    heard = true;
                    retry = FIRST_RETRY;
                }
            } catch (KubernetesClientException e) {
                if (e.getCode() == HttpURLConnection.HTTP_GONE || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                    return heard;
                }
                LOG.debug("watching {}: {}", kind.groupResource(), e.getMessage());
            }
            if (version.equals(before)) {
                // A watch that ended without a word may do so again.
                backOff();
            }
        }
    }

    private void tell(String type, Metadata object) {
        switch (type) {
            case "ADDED", "MODIFIED" -> listener.changed(object);
            case "DELETED" -> listener.deleted(object);
            default -> {
                // A bookmark: its version is all it says.
            }
        }
    }

    private void backOff() throws InterruptedException {
        Duration delay = retry;
        retry = retry.multipliedBy(2).compareTo(LAST_RETRY) > 0 ? LAST_RETRY : retry.multipliedBy(2);
        sleep(time, delay);
    }

    /** Returns when some time has passed, by the clock of the controllers. */
    public static void sleep(Time time, Duration delay) throws InterruptedException {
        Semaphore over = new Semaphore(0);
        time.after(delay, over::release);
        over.acquire();
    }
}
