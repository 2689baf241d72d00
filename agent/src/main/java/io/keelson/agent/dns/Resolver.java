package io.keelson.agent.dns;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Who is asked for what: the hosts file, the zone of the cluster, what is remembered, and other servers, in that order. What is
 * known here is there at once. Any thread.
 */
final class Resolver {
    private final Supplier<HostsFile> hosts;
    private final ClusterZone cluster;
    private final AnswerCache cache;
    private final Map<DnsName, Forwarder> stubDomains;
    private final Forwarder others;
    private final DnsMetrics metrics;

    /**
     * Puts them together.
     *
     * @param stubDomains zones that servers of their own know
     * @param others who knows all the rest
     */
    Resolver(
            Supplier<HostsFile> hosts,
            ClusterZone cluster,
            AnswerCache cache,
            Map<DnsName, Forwarder> stubDomains,
            Forwarder others,
            DnsMetrics metrics) {
        this.hosts = hosts;
        this.cluster = cluster;
        this.cache = cache;
        this.stubDomains = Map.copyOf(stubDomains);
        this.others = others;
        this.metrics = metrics;
    }

    /** What is known to a question of the Internet's class. Never fails. */
    CompletableFuture<Answer> resolve(AnswerCache.Request request) {
        return switch (here(request.question())) {
            case Lookup.Known known -> CompletableFuture.completedFuture(known.answer());
            case Lookup.Elsewhere _ -> elsewhere(request);
            case Lookup.Alias alias ->
                elsewhere(new AnswerCache.Request(
                                Question.of(alias.target(), request.question().type()),
                                request.dnssec(),
                                request.unchecked()))
                        .thenApply(answer -> behind(alias.aliases(), answer));
        };
    }

    private Lookup here(Question question) {
        Lookup known = hosts.get().lookup(question);
        return known instanceof Lookup.Elsewhere ? cluster.lookup(question) : known;
    }

    /** An alias of the cluster's zone and what it leads to: that there is nothing there is nothing of this zone. */
    private static Answer behind(List<ResourceRecord> aliases, Answer answer) {
        if (answer.code() != ResponseCode.NOERROR && answer.code() != ResponseCode.NXDOMAIN) {
            return answer;
        }
        List<ResourceRecord> all = new ArrayList<>(aliases);
        all.addAll(answer.answers());
        return Answer.own(all, List.of(), "kubernetes");
    }

    private CompletableFuture<Answer> elsewhere(AnswerCache.Request request) {
        AnswerCache.Hit hit = cache.get(request);
        if (hit == null) {
            metrics.cacheMissed();
            return forward(request);
        }
        metrics.cacheHit(hit.isPresent());
        if (hit.isDue()) {
            metrics.prefetched();
            var _ = forward(request);
        }
        return CompletableFuture.completedFuture(hit.answer());
    }

    private CompletableFuture<Answer> forward(AnswerCache.Request request) {
        return forwarder(request.question().name())
                .ask(request)
                // What failed here may go well the next time; what a server said counts for all.
                .thenApply(answer -> answer.error() == null ? cache.put(request, answer) : answer);
    }

    private Forwarder forwarder(DnsName name) {
        DnsName closest = DnsName.ROOT;
        Forwarder chosen = others;
        for (Map.Entry<DnsName, Forwarder> stub : stubDomains.entrySet()) {
            if (name.isWithin(stub.getKey()) && stub.getKey().length() > closest.length()) {
                closest = stub.getKey();
                chosen = stub.getValue();
            }
        }
        return chosen;
    }
}
