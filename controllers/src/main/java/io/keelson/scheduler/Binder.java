package io.keelson.scheduler;

import io.fabric8.kubernetes.api.model.Binding;
import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.Refusals;
import io.keelson.scheduler.SchedulerMetrics.Point;
import io.keelson.scheduler.SchedulerMetrics.Status;
import io.keelson.scheduler.config.SchedulerConfiguration;
import io.keelson.scheduler.decision.PostFilter;
import io.keelson.scheduler.decision.Reservation;
import io.keelson.scheduler.decision.ReservationException;
import io.keelson.scheduler.extender.ExtenderException;
import io.keelson.scheduler.extender.HttpExtender;
import io.keelson.scheduler.state.PodInfo;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the API on which node a pod is to be, on a virtual thread for each. How many at once is for the caller to bound.
 *
 * <p>When the answer is lost nobody knows whether the pod is bound: then the API is asked until it says so. The pod stays
 * assumed for as long, as to forget it could give its room away twice.
 */
final class Binder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Binder.class);
    private static final int HTTP_SERVER_ERROR = 500;
    private static final int BETWEEN_LOOKS_MILLIS = 1000;

    private final KubernetesClient client;
    private final PodReports reports;
    private final SchedulerMetrics metrics;
    private final Workers workers = new Workers("binding");

    /** What the API says of a pod and a node. */
    sealed interface Outcome {
        /** It is on that node. */
        record Bound() implements Outcome {}

        /** There is no such pod any more. */
        record Gone() implements Outcome {}

        /** It is not on that node; why, as users read it. */
        record Refused(String why) implements Outcome {}
    }

    /** @param reports have told perhaps why a pod was not scheduled before */
    Binder(KubernetesClient client, PodReports reports, SchedulerMetrics metrics) {
        this.client = client;
        this.reports = reports;
        this.metrics = metrics;
    }

    /**
     * Binds a pod to a node, once what was taken for it is written.
     *
     * @param extender binds it; null to tell the API
     * @param written is told when that is so
     */
    void bind(
            PodInfo pod,
            String node,
            List<Reservation> reservations,
            @Nullable HttpExtender extender,
            Runnable written,
            Consumer<Outcome> told) {
        workers.execute(() -> tell(told, () -> {
            metrics.binding();
            try {
                return bind(pod, node, reservations, extender, written);
            } finally {
                metrics.bindingEnded();
            }
        }));
    }

    private Outcome bind(
            PodInfo pod, String node, List<Reservation> reservations, @Nullable HttpExtender extender, Runnable written)
            throws InterruptedException {
        if (!reservations.isEmpty()) {
            reports.nominate(pod, node);
        }
        boolean closely = metrics.looksClosely();
        long begin = System.nanoTime();
        Outcome.Refused refused = write(pod, reservations, closely);
        took(Point.PRE_BIND, refused == null, pod, begin);
        written.run();
        if (refused != null) {
            return refused;
        }
        reports.takeBack(pod.uid());
        long ready = System.nanoTime();
        Outcome outcome = extender == null ? bound(pod, node) : boundBy(extender, pod, node);
        boolean well = outcome instanceof Outcome.Bound;
        if (closely && extender == null) {
            executed(Point.BIND, well, "DefaultBinder", ready);
        }
        took(Point.BIND, well, pod, ready);
        return outcome;
    }

    private void executed(Point point, boolean well, String plugin, long sinceNanos) {
        metrics.executed(point, well ? Status.SUCCESS : Status.ERROR, plugin, System.nanoTime() - sinceNanos);
    }

    private void took(Point point, boolean well, PodInfo pod, long sinceNanos) {
        String profile = pod.schedulerName().isEmpty() ? SchedulerConfiguration.DEFAULT_NAME : pod.schedulerName();
        metrics.took(point, well ? Status.SUCCESS : Status.ERROR, profile, System.nanoTime() - sinceNanos);
    }

    /** Returns why something cannot be written; null if all is. */
    private Outcome.@Nullable Refused write(PodInfo pod, List<Reservation> reservations, boolean closely)
            throws InterruptedException {
        for (Reservation reservation : reservations) {
            long begin = System.nanoTime();
            Outcome.Refused refused = write(pod, reservation);
            if (closely) {
                executed(Point.PRE_BIND, refused == null, reservation.plugin(), begin);
            }
            if (refused != null) {
                metrics.missed(Point.PRE_BIND, reservation.plugin());
                return refused;
            }
        }
        return null;
    }

    private Outcome.@Nullable Refused write(PodInfo pod, Reservation reservation) throws InterruptedException {
        try {
            reservation.write(client);
            return null;
        } catch (ReservationException e) {
            return new Outcome.Refused(OrEmpty.of(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.warn("what pod {} needs is not written: {}", pod.key(), e.toString());
            return new Outcome.Refused(e.toString());
        }
    }

    /** Writes what may help a pod that no node can take. */
    void write(PodInfo pod, PostFilter.Step step) {
        workers.execute(() -> {
            try {
                step.write(client);
            } catch (InterruptedException e) {
                // The scheduler ends.
                Thread.currentThread().interrupt();
            } catch (ReservationException | RuntimeException e) {
                LOG.info("pod {} is not helped: {}", pod.key(), e.getMessage());
            }
        });
    }

    /** Asks whether a pod is on a node. */
    void look(PodInfo pod, String node, Consumer<Outcome> told) {
        workers.execute(() -> tell(told, () -> found(pod, node)));
    }

    private interface Question {
        Outcome ask() throws InterruptedException;
    }

    private static void tell(Consumer<Outcome> told, Question question) {
        try {
            told.accept(question.ask());
        } catch (InterruptedException e) {
            // The scheduler ends: the next one finds the pod as the API has it.
            Thread.currentThread().interrupt();
        }
    }

    private Outcome bound(PodInfo pod, String node) throws InterruptedException {
        try {
            client.raw(path(pod), "POST", binding(pod, node));
            return new Outcome.Bound();
        } catch (KubernetesClientException e) {
            int code = e.getCode();
            if (code == HttpURLConnection.HTTP_NOT_FOUND) {
                return new Outcome.Gone();
            }
            if (code >= HttpURLConnection.HTTP_BAD_REQUEST && code < HTTP_SERVER_ERROR) {
                return rejected(Refusals.message(e));
            }
            LOG.info("whether pod {} is bound to {} is not known: {}", pod.key(), node, e.getMessage());
        } catch (RuntimeException e) {
            // Something on the way to the API stopped it, or its answer.
            LOG.info("whether pod {} is bound to {} is not known: {}", pod.key(), node, e.getMessage());
        }
        return found(pod, node);
    }

    private static Outcome.Refused rejected(String why) {
        return new Outcome.Refused("binding rejected: " + why);
    }

    private Outcome boundBy(HttpExtender extender, PodInfo pod, String node) throws InterruptedException {
        try {
            extender.bind(pod.pod(), node);
            return new Outcome.Bound();
        } catch (ExtenderException e) {
            // It may have bound the pod all the same.
            LOG.info("extender {} does not bind pod {}: {}", extender.name(), pod.key(), e.getMessage());
            Outcome found = found(pod, node);
            return found instanceof Outcome.Refused ? rejected(OrEmpty.of(e.getMessage())) : found;
        }
    }

    private static String path(PodInfo pod) {
        return "/api/v1/namespaces/" + pod.namespace() + "/pods/" + pod.key().name() + "/binding";
    }

    private static Binding binding(PodInfo pod, String node) {
        return new BindingBuilder()
                .withNewMetadata()
                .withNamespace(pod.namespace())
                .withName(pod.key().name())
                .withUid(pod.uid())
                .endMetadata()
                .withNewTarget()
                .withKind("Node")
                .withName(node)
                .endTarget()
                .build();
    }

    private Outcome found(PodInfo pod, String node) throws InterruptedException {
        while (true) {
            try {
                Pod now = client.pods()
                        .inNamespace(pod.namespace())
                        .withName(pod.key().name())
                        .get();
                if (now == null || !pod.uid().equals(now.getMetadata().getUid())) {
                    return new Outcome.Gone();
                }
                String on = Pods.node(now);
                if (on.equals(node)) {
                    return new Outcome.Bound();
                }
                return rejected(on.isEmpty() ? "the API did not bind the pod" : "it is on " + on);
            } catch (RuntimeException e) {
                LOG.info("pod {} cannot be read: {}", pod.key(), e.getMessage());
            }
            Thread.sleep(BETWEEN_LOOKS_MILLIS);
        }
    }

    /** Ends; no binding is sent after it returns. */
    @Override
    public void close() {
        workers.close();
    }
}
