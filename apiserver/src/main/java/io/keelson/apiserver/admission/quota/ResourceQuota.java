package io.keelson.apiserver.admission.quota;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.ObjectAccess;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.Reservation;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Refuses writes by which a namespace would have more than its quotas allow, and counts those that it lets pass. */
public final class ResourceQuota implements AdmissionPlugin {
    /** What is not kept, and events, of which there are many. */
    private static final Set<String> NOT_COUNTED = Set.of(
            "bindings",
            "componentstatuses",
            "tokenreviews.authentication.k8s.io",
            "selfsubjectreviews.authentication.k8s.io",
            "subjectaccessreviews.authorization.k8s.io",
            "selfsubjectaccessreviews.authorization.k8s.io",
            "localsubjectaccessreviews.authorization.k8s.io",
            "selfsubjectrulesreviews.authorization.k8s.io",
            "events",
            "events.events.k8s.io");

    private final ObjectAccess objects;
    private final NamespaceQuotas namespaces;
    private final List<LimitedResource> limited;
    private final QuotaLedger ledger;
    private final Map<String, Evaluator> special;
    private final Map<GroupResource, Evaluator> counting = new ConcurrentHashMap<>();

    public ResourceQuota(ObjectAccess objects, InstantSource clock) {
        this(objects, List.of(), clock);
    }

    /** @param limited what may be used only where a quota covers it */
    public ResourceQuota(ObjectAccess objects, List<LimitedResource> limited, InstantSource clock) {
        this.objects = objects;
        this.namespaces = new NamespaceQuotas(objects, clock);
        this.limited = List.copyOf(limited);
        this.ledger = new QuotaLedger(objects);
        PodEvaluator pods = new PodEvaluator(clock);
        this.special = Map.of(
                "pods", pods,
                "services", new ServiceEvaluator(),
                "persistentvolumeclaims", new VolumeClaimEvaluator(),
                "resourceclaims.resource.k8s.io", new DeviceClaimEvaluator(pods));
    }

    @Override
    public String name() {
        return "ResourceQuota";
    }

    @Override
    public void validate(AdmissionRequest request) throws InterruptedException {
        GroupResource resource = request.resource().name();
        ObjectNode object = request.object();
        String namespace = request.namespace();
        if (object == null
                || namespace.isEmpty()
                || !request.resource().namespaced()
                || NOT_COUNTED.contains(resource.toString())) {
            return;
        }
        if (isNewQuota(request)) {
            request.hold(new Made(namespaces));
        }
        Evaluator evaluator = evaluator(resource);
        if (!evaluator.handles(request)) {
            return;
        }
        List<ObjectNode> quotas = namespaces.of(namespace);
        List<LimitedResource> limits = limited.stream()
                .filter(some -> some.resource().equals(resource))
                .toList();
        if (quotas.isEmpty() && limits.isEmpty()) {
            return;
        }
        Claim claim = new Claim(request, evaluator.knowing(objects, object), object);
        if (!limits.isEmpty()) {
            claim.requireCovered(limits, quotas);
        }
        if (request.dryRun()) {
            quotas.forEach(quota -> {
                var _ = claim.granted(quota, Claim.used(quota), claim.needs(quota));
            });
            return;
        }
        List<String> concerned = new ArrayList<>();
        for (ObjectNode quota : quotas) {
            if (claim.mayConcern(quota)) {
                concerned.add(ObjectMeta.name(quota));
            }
        }
        if (!concerned.isEmpty()) {
            request.hold(new Taken(ledger, ledger.take(namespace, claim, concerned)));
        }
    }

    private static boolean isNewQuota(AdmissionRequest request) {
        return request.resource().name().toString().equals("resourcequotas")
                && request.operation() == AdmissionRequest.Operation.CREATE
                && request.subresource().isEmpty()
                && !request.dryRun();
    }

    private Evaluator evaluator(GroupResource resource) {
        Evaluator evaluator = special.get(resource.toString());
        return evaluator != null ? evaluator : counting.computeIfAbsent(resource, CountEvaluator::new);
    }

    /** Tells when a quota was made. */
    private record Made(NamespaceQuotas namespaces) implements Reservation {
        @Override
        public void commit() {
            namespaces.made();
        }

        @Override
        public void keep() {
            namespaces.made();
        }

        @Override
        public void close() {}
    }

    /** What a write took of quotas. */
    private static final class Taken implements Reservation {
        private final QuotaLedger ledger;
        private final QuotaLedger.Grant grant;
        private boolean decided;

        Taken(QuotaLedger ledger, QuotaLedger.Grant grant) {
            this.ledger = ledger;
            this.grant = grant;
        }

        @Override
        public void commit() {
            decided = true;
        }

        @Override
        public void keep() {
            decided = true;
        }

        @Override
        public void close() {
            if (!decided) {
                decided = true;
                ledger.giveBack(grant);
            }
        }
    }
}
