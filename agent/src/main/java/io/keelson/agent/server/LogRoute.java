package io.keelson.agent.server;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.logs.ContainerLog;
import io.keelson.agent.logs.LogOptions;
import io.keelson.agent.pods.AgentPods;
import io.keelson.controllers.objects.OrEmpty;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** {@code /containerLogs/NAMESPACE/POD/CONTAINER}. Any thread. */
final class LogRoute {
    private static final Answer UNREADABLE = Answer.text(400, "{\"message\": \"Unable to decode query.\"}");
    private static final Answer INVALID = Answer.text(422, "{\"message\": \"Invalid request.\"}");

    private final AgentPods pods;
    private final InstantSource time;

    LogRoute(AgentPods pods, InstantSource time) {
        this.pods = pods;
        this.time = time;
    }

    Answer answer(NodeRequest request) {
        String namespace = request.path().get(1);
        String name = request.path().get(2);
        String container = request.path().get(3);
        LogOptions options;
        try {
            options = options(request);
        } catch (NumberFormatException | DateTimeException e) {
            return UNREADABLE;
        } catch (IllegalArgumentException e) {
            return INVALID;
        }
        Optional<Pod> pod = pods.find(namespace, name, "");
        if (pod.isEmpty()) {
            return Answer.text(404, "pod \"" + name + "\" does not exist\n");
        }
        if (PodContainers.terminal(pod.get(), container).isEmpty()) {
            return Answer.text(404, "container \"" + container + "\" not found in pod \"" + name + "\"\n");
        }
        boolean previous = flag(request, "previous");
        Optional<Path> log = pods.log(pod.get(), container, previous);
        if (log.isEmpty()) {
            return Answer.text(400, missing(pod.get(), container, previous));
        }
        // Of a container's earlier run nothing more comes.
        BooleanSupplier running = () -> !previous
                && pods.runningContainer(pod.get(), container).isPresent()
                && pods.log(pod.get(), container, false).equals(log);
        try {
            ContainerLog opened = ContainerLog.open(log.get(), options);
            return new Answer.Text(new Answer.Content() {
                @Override
                public void write(OutputStream out) throws IOException, InterruptedException {
                    opened.copy(out, running);
                }

                @Override
                public void close() throws IOException {
                    opened.close();
                }
            });
        } catch (IOException e) {
            return Answer.text(400, "failed to open log file \"" + log.get() + "\": " + e.getMessage());
        }
    }

    /** @throws IllegalArgumentException if it makes no sense; of the kind of what cannot be read, if it cannot */
    private LogOptions options(NodeRequest request) {
        String tail = request.value("tailLines");
        if (tail.isEmpty() && !request.value("tail").equals("all")) {
            // As clients of old ask.
            tail = request.value("tail");
        }
        String seconds = request.value("sinceSeconds");
        String moment = request.value("sinceTime");
        if (!seconds.isEmpty() && !moment.isEmpty()) {
            throw new IllegalArgumentException("at most one of sinceTime or sinceSeconds may be specified");
        }
        Optional<Instant> since = Optional.empty();
        if (!seconds.isEmpty()) {
            long before = Long.parseLong(seconds);
            if (before < 1) {
                throw new IllegalArgumentException("sinceSeconds must be greater than 0");
            }
            // More than there is time is all.
            since = Optional.of(time.instant().minusSeconds(Math.min(before, Integer.MAX_VALUE)));
        } else if (!moment.isEmpty()) {
            since = Optional.of(OffsetDateTime.parse(moment).toInstant());
        }
        return new LogOptions(
                flag(request, "follow"),
                flag(request, "timestamps"),
                since,
                number(tail),
                number(request.value("limitBytes")));
    }

    private static OptionalLong number(String text) {
        return text.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
    }

    private static boolean flag(NodeRequest request, String name) {
        if (!request.query().containsKey(name)) {
            return false;
        }
        return switch (request.value(name).toLowerCase(Locale.ROOT)) {
            case "false", "0" -> false;
            // The name alone is a yes.
            default -> true;
        };
    }

    /** Why there is no log. */
    private static String missing(Pod pod, String container, boolean previous) {
        String where =
                "container \"" + container + "\" in pod \"" + pod.getMetadata().getName() + "\"";
        if (previous) {
            return "previous terminated " + where + " not found";
        }
        ContainerStatus status = pod.getStatus() == null
                ? null
                : Stream.of(
                                OrEmpty.of(pod.getStatus().getContainerStatuses()),
                                OrEmpty.of(pod.getStatus().getInitContainerStatuses()),
                                OrEmpty.of(pod.getStatus().getEphemeralContainerStatuses()))
                        .flatMap(list -> list.stream())
                        .filter(one -> one.getName().equals(container))
                        .findFirst()
                        .orElse(null);
        if (status == null || status.getState() == null) {
            return where + " is not available";
        }
        if (status.getState().getTerminated() != null) {
            return where + " is terminated";
        }
        if (status.getState().getWaiting() == null) {
            return where + " is waiting to start: no logs yet";
        }
        String reason = OrEmpty.of(status.getState().getWaiting().getReason());
        return where + " is waiting to start: "
                + switch (reason) {
                    case "ErrImagePull" -> "image can't be pulled";
                    case "ImagePullBackOff" -> "trying and failing to pull image";
                    default -> reason;
                };
    }
}
