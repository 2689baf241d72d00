package io.keelson.controllers.runtime;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events to the API, on a thread of its own, so that nobody waits for it. As with client-go:
 * <ul>
 *   <li>the same event again, about the same part of an object, raises the count of the one that is there;
 *   <li>more than ten that differ only in their message, whichever part they are about, within ten minutes become one, which says that it stands for several;
 *   <li>about one object a component tells 25 times at once, then once in five minutes; the rest is dropped.
 * </ul>
 * What it remembers of the last 4,096 events and objects is all it holds. A thousand events may wait; more are dropped, as a
 * lost event is worth less than memory or a control loop that stands still.
 */
public final class EventRecorder implements Events, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);
    private static final int REMEMBERED = 4096;
    private static final int WAITING_MAX = 1000;
    private static final int SIMILAR_MAX = 10;
    private static final Duration SIMILAR_WITHIN = Duration.ofMinutes(10);
    private static final int TOLD_AT_ONCE = 25;
    private static final Duration BETWEEN_TOLD = Duration.ofMinutes(5);
    private static final int MESSAGE_MAX = 1024;
    private static final int TRIES = 12;
    private static final int NAME_MAX = 253;
    private static final String LABEL = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?";
    private static final Pattern NAME = Pattern.compile(LABEL + "(?:\\." + LABEL + ")*");
    private static final String UNNAMED = "keelson";
    private static final String SEVERAL = "(combined from similar events): ";

    private final KubernetesClient client;
    private final Time time;
    private final String instance;
    private final BlockingQueue<Told> waiting = new ArrayBlockingQueue<>(WAITING_MAX);
    private final Map<Same, Written> written = remembering();
    private final Map<Similar, Messages> similar = remembering();
    private final Map<Similar, Instant> toldUntil = remembering();
    private final Thread writer;
    /** What the name of the last event ended with; the writer's own. */
    private long number;

    private record Told(
            String component, ObjectReference about, String type, String reason, String message, Instant at) {}

    /** What makes two events the same one. */
    private record Same(String component, ObjectReference about, String type, String reason, String message) {}

    /** What makes two events similar; without type and reason, what is limited together. */
    private record Similar(
            String component,
            ObjectReference about,
            @Nullable String type,
            @Nullable String reason) {}

    private record Written(String name, int count, Instant first) {}

    private record Messages(Set<String> texts, Instant last) {}

    /** Writes through a client until it is closed. */
    public EventRecorder(KubernetesClient client, Time time) {
        this(client, time, "");
    }

    /**
     * The same for one of many that say the same.
     *
     * @param instance who of them this is, as the name of its node
     */
    public EventRecorder(KubernetesClient client, Time time, String instance) {
        this.client = client;
        this.time = time;
        this.instance = instance;
        writer = Thread.ofVirtual().name("events").start(this::write);
    }

    private static <K, V> Map<K, V> remembering() {
        return new LinkedHashMap<>(64, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > REMEMBERED;
            }
        };
    }

    @Override
    public void normal(HasMetadata about, String reason, String message) {
        tell(UNNAMED, null, about, "Normal", reason, message);
    }

    @Override
    public void warning(HasMetadata about, String reason, String message) {
        tell(UNNAMED, null, about, "Warning", reason, message);
    }

    @Override
    public Events from(String component) {
        return new View(component, null);
    }

    @Override
    public Events inField(String fieldPath) {
        return new View(UNNAMED, fieldPath);
    }

    /** Told by a component, of whole objects or a part of them. */
    private final class View implements Events {
        private final String component;
        private final @Nullable String fieldPath;

        private View(String component, @Nullable String fieldPath) {
            this.component = component;
            this.fieldPath = fieldPath;
        }

        @Override
        public void normal(HasMetadata about, String reason, String message) {
            tell(component, fieldPath, about, "Normal", reason, message);
        }

        @Override
        public void warning(HasMetadata about, String reason, String message) {
            tell(component, fieldPath, about, "Warning", reason, message);
        }

        @Override
        public Events from(String other) {
            return new View(other, fieldPath);
        }

        @Override
        public Events inField(String other) {
            return new View(component, other);
        }
    }

    private void tell(
            String component,
            @Nullable String fieldPath,
            HasMetadata about,
            String type,
            String reason,
            String message) {
        String text = message.length() > MESSAGE_MAX ? message.substring(0, MESSAGE_MAX) : message;
        Told told = new Told(component, reference(about, fieldPath), type, reason, text, time.instant());
        if (!waiting.offer(told)) {
            LOG.debug("dropped: {}", told);
        }
    }

    private static ObjectReference reference(HasMetadata object, @Nullable String fieldPath) {
        return new ObjectReferenceBuilder()
                .withApiVersion(object.getApiVersion())
                .withKind(object.getKind())
                .withNamespace(object.getMetadata().getNamespace())
                .withName(object.getMetadata().getName())
                .withUid(object.getMetadata().getUid())
                .withResourceVersion(object.getMetadata().getResourceVersion())
                .withFieldPath(fieldPath)
                .build();
    }

    private void write() {
        try {
            while (true) {
                Told told = waiting.take();
                try {
                    write(told);
                } catch (RuntimeException | Error e) {
                    LOG.debug("an event is not written: {}", told, e);
                }
            }
        } catch (InterruptedException e) {
            // It is closed.
            Thread.currentThread().interrupt();
        }
    }

    private void write(Told told) throws InterruptedException {
        // The same object at another version is the same object.
        ObjectReference about = new ObjectReferenceBuilder(told.about())
                .withResourceVersion(null)
                .build();
        ObjectReference whole =
                new ObjectReferenceBuilder(about).withFieldPath(null).build();
        if (!mayTell(new Similar(told.component(), whole, null, null), told.at())) {
            return;
        }
        String message = told.message();
        Same same = new Same(told.component(), about, told.type(), told.reason(), message);
        if (isOneOfMany(new Similar(told.component(), whole, told.type(), told.reason()), told)) {
            message = SEVERAL + message;
            // All of them are one, whatever they say.
            same = new Same(told.component(), whole, told.type(), told.reason(), SEVERAL);
        }
        Written before = written.get(same);
        for (int tries = 1; ; tries++) {
            try {
                written.put(same, before == null ? create(told, message, 1, told.at()) : again(told, message, before));
                return;
            } catch (KubernetesClientException e) {
                if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND && before != null) {
                    // Its time was over: it goes on counting in a new one.
                    written.put(same, create(told, message, before.count() + 1, before.first()));
                    return;
                }
                if (e.getCode() != 0 || tries == TRIES) {
                    throw e;
                }
                // The API was not reached: it comes back.
                Thread.sleep(Math.min(10_000, 100L << tries));
            }
        }
    }

    private boolean mayTell(Similar object, Instant at) {
        Instant full = at.minus(BETWEEN_TOLD.multipliedBy(TOLD_AT_ONCE));
        Instant until = toldUntil.getOrDefault(object, full);
        if (until.isAfter(at)) {
            // The clock was set back.
            until = at;
        }
        Instant next = (until.isBefore(full) ? full : until).plus(BETWEEN_TOLD);
        if (next.isAfter(at)) {
            return false;
        }
        toldUntil.put(object, next);
        return true;
    }

    private boolean isOneOfMany(Similar kind, Told told) {
        Messages known = similar.get(kind);
        Set<String> texts =
                known == null || Duration.between(known.last(), told.at()).compareTo(SIMILAR_WITHIN) > 0
                        ? new HashSet<>()
                        : known.texts();
        texts.add(told.message());
        similar.put(kind, new Messages(texts, told.at()));
        if (texts.size() < SIMILAR_MAX) {
            return false;
        }
        // The next one is one too many as well, and the set does not grow.
        texts.remove(told.message());
        return true;
    }

    private Written create(Told told, String message, int count, Instant first) {
        ObjectReference about = told.about();
        String namespace = about.getNamespace() == null ? "default" : about.getNamespace();
        Instant now = told.at();
        // Two within one tick of the clock are two all the same.
        number = Math.max(number + 1, TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano());
        String name = name(about.getName() + '.' + Long.toHexString(number));
        Event event = new EventBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .withInvolvedObject(about)
                .withType(told.type())
                .withReason(told.reason())
                .withMessage(message)
                .withNewSource()
                .withComponent(told.component())
                .withHost(instance.isEmpty() ? null : instance)
                .endSource()
                .withReportingComponent(told.component())
                .withReportingInstance(instance)
                .withCount(count)
                .withFirstTimestamp(text(first))
                .withLastTimestamp(text(now))
                .build();
        // What the API makes of it is not looked at, so it is not read either.
        client.raw("/api/v1/namespaces/" + namespace + "/events", "POST", event);
        return new Written(name, count, first);
    }

    /** A name that events may have: what they are about may be called by what is none, as roles are, or too long with it. */
    private static String name(String wanted) {
        return wanted.length() <= NAME_MAX && NAME.matcher(wanted).matches()
                ? wanted
                : UUID.randomUUID().toString();
    }

    private Written again(Told told, String message, Written before) {
        int count = before.count() + 1;
        String namespace =
                told.about().getNamespace() == null ? "default" : told.about().getNamespace();
        Event change = new EventBuilder()
                .withNewMetadata()
                .endMetadata()
                .withMessage(message)
                .withCount(count)
                .withLastTimestamp(text(told.at()))
                .build();
        Patch.of(client, Event.class, new Key(namespace, before.name())).merge(change);
        return new Written(before.name(), count, before.first());
    }

    private static String text(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** Ends; what waits is not told any more. */
    @Override
    public void close() {
        writer.interrupt();
        boolean interrupted = false;
        while (writer.isAlive()) {
            try {
                writer.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
