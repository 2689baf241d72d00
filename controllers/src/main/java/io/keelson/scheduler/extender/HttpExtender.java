package io.keelson.scheduler.extender;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.scheduler.config.SchedulerConfiguration.Extender;
import io.keelson.scheduler.config.SchedulerConfiguration.ManagedResource;
import io.keelson.scheduler.state.PodInfo;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One extender. Its calls wait for the answer, at most as long as its configuration says, the body included; an answer of more
 * than 64 MiB is none. Any thread.
 */
public final class HttpExtender implements AutoCloseable {
    private static final int BYTES_MAX = 64 << 20;
    private static final int SCORE_MAX = 10;
    private static final long BEST_PER_SCORE = 10;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final Extender settings;
    private final Duration timeout;
    private final Set<String> resources = new HashSet<>();
    private final HttpClient client;

    /**
     * What came of filtering.
     *
     * @param kept the names of those of the nodes that can take the pod
     * @param failed why others cannot, by name
     * @param unresolvable the same of those that could not if other pods were not there either
     */
    public record Filtered(List<String> kept, Map<String, String> failed, Map<String, String> unresolvable) {}

    /**
     * An extender; it is not spoken to yet.
     *
     * @throws IllegalArgumentException if its TLS material cannot be read
     */
    public HttpExtender(Extender settings) {
        this.settings = settings;
        timeout = settings.timeout();
        settings.managedResources().stream().map(ManagedResource::name).forEach(resources::add);
        client = ExtenderTls.client(settings);
    }

    /** How it is called in messages: by where it is. */
    public String name() {
        return settings.urlPrefix();
    }

    /** Whether pods are scheduled without it when it does not answer. */
    public boolean ignorable() {
        return settings.ignorable();
    }

    /** Whether it says which nodes can take a pod. */
    public boolean filters() {
        return !settings.filterVerb().isEmpty();
    }

    /** Whether it says which nodes are better. */
    public boolean prioritizes() {
        return !settings.prioritizeVerb().isEmpty();
    }

    /** Whether it binds pods. */
    public boolean binds() {
        return !settings.bindVerb().isEmpty();
    }

    /** Whether it has a say in whom to evict. */
    public boolean preempts() {
        return !settings.preemptVerb().isEmpty();
    }

    /** Whether it is asked about a pod: about all, or those that want a resource that it manages. */
    public boolean isInterestedIn(Pod pod) {
        return resources.isEmpty()
                || Stream.concat(
                                OrEmpty.of(pod.getSpec().getContainers()).stream(),
                                OrEmpty.of(pod.getSpec().getInitContainers()).stream())
                        .map(Container::getResources)
                        .anyMatch(this::isManaged);
    }

    private boolean isManaged(@Nullable ResourceRequirements wanted) {
        return wanted != null
                && (OrEmpty.of(wanted.getRequests()).keySet().stream().anyMatch(resources::contains)
                        || OrEmpty.of(wanted.getLimits()).keySet().stream().anyMatch(resources::contains));
    }

    /**
     * Which nodes can take a pod.
     *
     * @throws ExtenderException if it does not say, says that something is wrong, or names nodes that it was not asked about
     */
    public Filtered filter(Pod pod, List<Node> nodes) throws ExtenderException, InterruptedException {
        Wire.Filtered answer = ask(settings.filterVerb(), arguments(pod, nodes), new TypeReference<>() {});
        String error = OrEmpty.of(answer.error());
        if (!error.isEmpty()) {
            throw new ExtenderException(error);
        }
        Set<String> asked = new HashSet<>(names(nodes));
        List<String> kept = new ArrayList<>();
        for (String name : settings.nodeCacheCapable() && answer.nodeNames() != null
                ? answer.nodeNames()
                : names(answer.nodes())) {
            if (!asked.contains(name)) {
                throw new ExtenderException("extender \"" + name() + "\" claims a filtered node \"" + name
                        + "\" which is not found in the input node list");
            }
            if (!kept.contains(name)) {
                kept.add(name);
            }
        }
        return new Filtered(kept, of(asked, answer.failed()), of(asked, answer.unresolvable()));
    }

    private static Map<String, String> of(Set<String> asked, @Nullable Map<String, String> reasons) {
        Map<String, String> known = new LinkedHashMap<>();
        if (reasons != null) {
            reasons.forEach((node, why) -> {
                if (asked.contains(node)) {
                    known.put(node, OrEmpty.of(why));
                }
            });
        }
        return known;
    }

    /** The names of the items of a list. */
    private List<String> names(@Nullable JsonNode list) throws ExtenderException {
        List<String> names = new ArrayList<>();
        if (list == null || list.isNull()) {
            return names;
        }
        JsonNode items = list.has("items") ? list.get("items") : list.path("Items");
        for (JsonNode item : items) {
            String name = item.path("metadata").path("name").asText();
            if (name.isEmpty()) {
                throw new ExtenderException("extender \"" + name() + "\" answers with a node without a name");
            }
            names.add(name);
        }
        return names;
    }

    /**
     * What nodes are worth, by name, weighted and on the scale of the scheduler's own rules.
     *
     * @throws ExtenderException if it does not say, or its scores are not from 0 to 10
     */
    public Map<String, Long> prioritize(Pod pod, List<Node> nodes) throws ExtenderException, InterruptedException {
        List<Wire.HostScore> answer = ask(settings.prioritizeVerb(), arguments(pod, nodes), new TypeReference<>() {});
        Set<String> asked = new HashSet<>(names(nodes));
        Map<String, Long> scores = new HashMap<>();
        for (Wire.HostScore each : answer) {
            String host = each == null ? null : each.host();
            if (each == null || host == null || !asked.contains(host)) {
                continue;
            }
            if (each.score() < 0 || each.score() > SCORE_MAX) {
                throw new ExtenderException("extender \"" + name() + "\" gives node \"" + host + "\" the score "
                        + each.score() + ", which is not from 0 to " + SCORE_MAX);
            }
            scores.put(host, each.score() * settings.weight() * BEST_PER_SCORE);
        }
        return scores;
    }

    private Wire.Arguments arguments(Pod pod, List<Node> nodes) {
        return settings.nodeCacheCapable()
                ? new Wire.Arguments(pod, null, names(nodes))
                : new Wire.Arguments(pod, new Wire.Nodes(Map.of(), nodes), null);
    }

    private static List<String> names(List<Node> nodes) {
        return nodes.stream().map(node -> node.getMetadata().getName()).toList();
    }

    /**
     * Binds a pod to a node. If no answer comes it is not known whether it is.
     *
     * @throws ExtenderException if it says that it is not, or does not answer
     */
    public void bind(Pod pod, String node) throws ExtenderException, InterruptedException {
        Wire.Bind binding = new Wire.Bind(
                pod.getMetadata().getName(),
                pod.getMetadata().getNamespace(),
                pod.getMetadata().getUid(),
                node);
        Wire.Bound answer = ask(settings.bindVerb(), binding, new TypeReference<>() {});
        if (!OrEmpty.of(answer.error()).isEmpty()) {
            throw new ExtenderException(OrEmpty.of(answer.error()));
        }
    }

    /**
     * Which of some nodes it agrees with, and who has to go there.
     *
     * @return the uids of who has to go, by node
     * @throws ExtenderException if it does not say, or names nodes or pods that it was not asked about
     */
    public Map<String, Set<String>> preempt(Pod pod, List<Offer> offers)
            throws ExtenderException, InterruptedException {
        Map<String, Wire.Victims> victims = new LinkedHashMap<>();
        Map<String, Wire.MetaVictims> uids = new LinkedHashMap<>();
        Map<String, Set<String>> there = new HashMap<>();
        for (Offer each : offers) {
            String node = each.node();
            victims.put(
                    node,
                    new Wire.Victims(each.victims().stream().map(PodInfo::pod).toList(), each.violations()));
            uids.put(
                    node,
                    new Wire.MetaVictims(
                            each.victims().stream()
                                    .map(victim -> new Wire.MetaPod(victim.uid()))
                                    .toList(),
                            each.violations()));
            there.put(node, each.there());
        }
        Wire.Preempted answer = ask(
                settings.preemptVerb(),
                settings.nodeCacheCapable()
                        ? new Wire.Preemption(pod, null, uids)
                        : new Wire.Preemption(pod, victims, null),
                new TypeReference<>() {});
        Map<String, Set<String>> agreed = new LinkedHashMap<>();
        for (Map.Entry<String, Wire.MetaVictims> each : Objects.requireNonNullElse(
                        answer.victims(), Map.<String, Wire.MetaVictims>of())
                .entrySet()) {
            agreed.put(each.getKey(), victims(each.getKey(), each.getValue(), there.get(each.getKey())));
        }
        return agreed;
    }

    private Set<String> victims(String node, Wire.@Nullable MetaVictims named, @Nullable Set<String> there)
            throws ExtenderException {
        if (there == null) {
            throw new ExtenderException(
                    "extender: " + name() + " claims to preempt on node: " + node + ", about which it was not asked");
        }
        Set<String> uids = new HashSet<>();
        for (Wire.MetaPod each : named == null || named.pods() == null ? List.<Wire.MetaPod>of() : named.pods()) {
            String uid = each == null ? null : each.uid();
            if (uid == null || !there.contains(uid)) {
                throw new ExtenderException("extender: " + name() + " claims to preempt pod (UID: " + uid
                        + ") on node: " + node + ", but the pod is not found on that node");
            }
            uids.add(uid);
        }
        if (uids.isEmpty()) {
            throw new ExtenderException("expected at least one victim pod on node \"" + node + "\"");
        }
        return uids;
    }

    private <T> T ask(String verb, Object question, TypeReference<T> form)
            throws ExtenderException, InterruptedException {
        String url = settings.urlPrefix().replaceAll("/+$", "") + '/' + verb;
        CompletableFuture<HttpResponse<byte[]>> coming;
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                    .timeout(timeout)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(question)))
                    .build();
            coming = client.sendAsync(
                    request, HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), BYTES_MAX));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new ExtenderException(url + " cannot be asked: " + e.getMessage(), e);
        }
        try {
            HttpResponse<byte[]> response = coming.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (response.statusCode() != HttpURLConnection.HTTP_OK) {
                throw new ExtenderException(
                        "failed " + verb + " with extender at URL " + url + ", code " + response.statusCode());
            }
            T answer = JSON.readValue(response.body(), form);
            if (answer == null) {
                throw new ExtenderException(url + " answers with nothing");
            }
            return answer;
        } catch (TimeoutException e) {
            throw new ExtenderException(url + " did not answer within " + timeout.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            throw new ExtenderException(url + " did not answer: " + e.getCause(), e);
        } catch (IOException e) {
            throw new ExtenderException(url + " answers with what cannot be read: " + firstLine(e), e);
        } finally {
            coming.cancel(true);
        }
    }

    private static String firstLine(IOException problem) {
        return OrEmpty.of(problem.getMessage()).lines().findFirst().orElse("");
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
