package io.keelson.controllers.hollow;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.keelson.controllers.hollow.PodScript.Addresses;
import io.keelson.controllers.hollow.PodScript.Step;
import io.keelson.controllers.objects.Deletion;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Patch;
import io.keelson.controllers.runtime.Time;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plays the pods on the hollow nodes. One informer tells of all pods that are on a node; those of these nodes that have not
 * ended are kept as {@link Played}, and their keys are worked on when they change or when something is due.
 */
final class PodPlayer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PodPlayer.class);
    private static final int WORKERS = 64;
    private static final long PAGE = 500;
    private static final int BETWEEN_LOOKS_MILLIS = 5;

    private final PodRules rules;
    private final PodScript script;
    private final NodePlayer nodes;
    private final KubernetesClient client;
    private final Time time;
    private final Pace pace;
    private final Workers<Key> workers;
    private final SlimStore<Pod> known = new SlimStore<>(Pod::new);
    private final AtomicInteger told = new AtomicInteger();
    private final SharedIndexInformer<Pod> informer;
    private final Map<Key, Played> played = new ConcurrentHashMap<>();
    /** Of the pods that are played; null if nobody will ask, as they cost memory. */
    private final @Nullable Map<Key, Map<String, String>> labels;

    private final Shared<Map<String, String>> labelSets = new Shared<>();

    PodPlayer(PodRules rules, NodePlayer nodes, KubernetesClient client, Time time, Pace pace, boolean measured) {
        this.labels = measured ? new ConcurrentHashMap<>() : null;
        this.rules = rules;
        this.nodes = nodes;
        this.client = client;
        this.time = time;
        this.pace = pace;
        script = new PodScript(rules);
        workers = new Workers<>("hollow-pods", WORKERS, time, this::act);
        informer = client.pods()
                .inAnyNamespace()
                // Most of what happens to pods before they have a node is nothing to us.
                .withoutField("spec.nodeName", "")
                .withLimit(PAGE)
                .runnableInformer(0)
                .removeNamespaceIndex()
                .itemStore(known)
                .exceptionHandler((running, problem) -> {
                    LOG.warn("watching pods: {}", problem.getMessage());
                    return true;
                });
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Pod pod) {
                seen(pod);
                told.incrementAndGet();
            }

            @Override
            public void onUpdate(Pod before, Pod now) {
                seen(now);
            }

            @Override
            public void onDelete(Pod pod, boolean lastStateUnknown) {
                forget(Key.of(pod));
            }
        });
    }

    /** Begins to play the pods that are there, and returns when they are known. */
    void start() throws InterruptedException {
        try {
            informer.start().toCompletableFuture().get();
        } catch (ExecutionException e) {
            throw new KubernetesClientException("pods cannot be read", e.getCause());
        }
        // No pod may get an address before all are known that pods have already.
        for (int there = known.size(); told.get() < there; ) {
            Thread.sleep(BETWEEN_LOOKS_MILLIS);
        }
        workers.start();
    }

    /** How many pods are played: those on these nodes that have not ended. */
    int size() {
        return played.size();
    }

    /** The pods that run, with what they use at this moment. In no certain order; without labels if nobody was to ask. */
    Stream<MeasuredPod> measure() {
        Instant now = time.instant();
        return played.values().stream()
                .filter(pod -> pod.view().stage() == PodView.Stage.RUNNING)
                .map(pod -> {
                    Map<String, Long> usage = new TreeMap<>();
                    rules.rules()
                            .get(pod.view().rule())
                            .usage()
                            .forEach((resource, curve) -> usage.put(resource, curve.at(pod.since(), now)));
                    return new MeasuredPod(
                            pod.view().key(),
                            pod.view().node(),
                            labels(pod.view().key()),
                            containers(pod.view()),
                            usage);
                });
    }

    private Map<String, String> labels(Key key) {
        return labels == null ? Map.of() : labels.getOrDefault(key, Map.of());
    }

    private static List<String> containers(PodView view) {
        return view.shape().containers().stream().map(PodView.Part::name).toList();
    }

    /** Whether no pod has anything to do now. */
    boolean resting() {
        return workers.resting();
    }

    private void seen(Pod pod) {
        Key key = Key.of(pod);
        String node = nodes.known(Pods.node(pod));
        if (node == null || (Pods.isTerminal(pod) && !Pods.isTerminating(pod))) {
            forget(key);
            return;
        }
        Instant now = time.instant();
        Played before = played.get(key);
        if (before != null && !before.view().uid().equals(pod.getMetadata().getUid())) {
            forget(key);
        }
        Played current = played.compute(key, (ignored, last) -> {
            if (last == null) {
                return Played.first(PodView.of(pod, rules.match(pod)).on(node), now);
            }
            return last.with(PodView.of(pod, last.view().rule()).sharing(last.view()), now);
        });
        PodView view = current.view();
        if (!view.address().isEmpty() && !view.shape().isOnHostNetwork()) {
            nodes.keep(node, view.uid(), view.address());
        }
        if (labels != null) {
            labels.put(
                    view.key(),
                    labelSets.of(Map.copyOf(OrEmpty.of(pod.getMetadata().getLabels()))));
        }
        workers.add(view.key());
    }

    private void forget(Key key) {
        Played gone = played.remove(key);
        if (labels != null) {
            labels.remove(key);
        }
        if (gone != null) {
            nodes.release(gone.view().node(), gone.view().uid());
        }
    }

    private @Nullable Duration act(Key key) throws InterruptedException {
        Played pod = played.get(key);
        if (pod == null) {
            return null;
        }
        PodView view = pod.view();
        Step step = script.next(pod, addresses(view), time.instant());
        return switch (step) {
            case Step.Rest _ -> null;
            case Step.Wait wait -> wait.time();
            case Step.Report report -> {
                pace.await();
                if (report(view, report.status())) {
                    advance(key, view, report.progress());
                }
                yield null;
            }
            case Step.Delete _ -> {
                pace.await();
                Deletion.of(client, identity(view), 0L, null);
                advance(key, view, Played.DELETED);
                yield null;
            }
        };
    }

    private Addresses addresses(PodView view) {
        return new Addresses(
                () -> view.shape().isOnHostNetwork()
                        ? nodes.address(view.node())
                        : nodes.podAddresses(view.node()).take(view.uid()),
                () -> nodes.address(view.node()));
    }

    /** Notes a write; when the watch tells of it, even now already, the key is worked on again. */
    private void advance(Key key, PodView view, int progress) {
        Instant now = time.instant();
        played.computeIfPresent(
                key, (ignored, last) -> last.view().uid().equals(view.uid()) ? last.after(progress, now) : last);
    }

    private static Pod identity(PodView view) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(view.key().namespace())
                .withName(view.key().name())
                .withUid(view.uid())
                .endMetadata()
                .build();
    }

    /** Merges a status into the pod's; false if the pod is gone, or another one has its name. */
    private boolean report(PodView view, PodStatus status) {
        try {
            Patch.of(client, Pod.class, view.key())
                    .status()
                    .strategic(Map.of("metadata", Map.of("uid", OrEmpty.of(view.uid())), "status", status));
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND || e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                // Gone. If it is only that others write at the same time, the watch tells of that and it is done then.
                return false;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        informer.stop();
        workers.close();
    }
}
