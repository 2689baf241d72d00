package io.keelson.controllers.resourcequota;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.ResourceQuotaSpec;
import io.fabric8.kubernetes.api.model.ResourceQuotaStatus;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceClass;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.kinds.MetadataClient;
import io.keelson.controllers.objects.Amount;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.WorkQueue;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes into the status of quotas how much is used of what they limit. */
public final class ResourceQuotaController implements Controller {
    private static final Duration UNTIL_COUNTED = Duration.ofMillis(500);
    private static final Duration UNTIL_SERVED = Duration.ofSeconds(30);

    private final Context context;
    private final WorkQueue<Key> queue;
    private final Cache<ResourceQuota> quotas;
    private final List<Measured<?>> measured = new ArrayList<>();
    private final ObjectCounts counts;

    /** Objects of a kind, and how much they use. */
    private record Measured<T extends HasMetadata>(Cache<T> objects, Measure<T> measure) {
        void count(Usage usage, String namespace) {
            if (usage.concerns(measure)) {
                usage.count(measure, objects.in(namespace));
            }
        }
    }

    private ResourceQuotaController(Context context, Setup setup, ResourceQuotaSettings settings) {
        this.context = context;
        queue = setup.queue();
        quotas = setup.watch(ResourceQuota.class, ResourceQuotaController::concerned);
        PodMeasure podMeasure = new PodMeasure(context.time());
        DeviceClaimMeasure claimMeasure = new DeviceClaimMeasure(
                setup.read(DeviceClass.class), setup.read(Pod.class), setup.read(ResourceClaim.class), podMeasure);
        measure(setup, Pod.class, podMeasure);
        measure(setup, Service.class, new ServiceMeasure());
        measure(setup, PersistentVolumeClaim.class, new VolumeClaimMeasure());
        measure(setup, ResourceClaim.class, claimMeasure);
        counts =
                new ObjectCounts(new MetadataClient(context.client()), context.time(), this::countedKinds, this::fewer);
        // It runs until the loop ends; should it break, it begins anew.
        setup.every(UNTIL_SERVED, counts::run);
        setup.every(settings.syncPeriod(), () -> quotas.all().forEach(quota -> queue.add(Key.of(quota))));
    }

    /** {@code resourcequota-controller}. */
    public static ControllerDescriptor descriptor() {
        return descriptor(ResourceQuotaSettings.DEFAULT);
    }

    /** {@code resourcequota-controller}. */
    public static ControllerDescriptor descriptor(ResourceQuotaSettings settings) {
        return new ControllerDescriptor(
                "resourcequota-controller",
                settings.concurrentSyncs(),
                (context, setup) -> new ResourceQuotaController(context, setup, settings));
    }

    private <T extends HasMetadata> void measure(Setup setup, Class<T> kind, Measure<T> measure) {
        measured.add(new Measured<>(setup.watch(kind, change -> freed(change, measure)), measure));
    }

    /**
     * A quota that is new, or limits other than before. What becomes of its status alone is no news: it is written
     * here.
     */
    private static List<Key> concerned(Change<ResourceQuota> change) {
        ResourceQuota now = change.now();
        if (now == null) {
            return List.of();
        }
        ResourceQuota before = change.before();
        boolean same = before != null
                && Usage.same(hard(before), hard(now))
                && Scope.of(spec(before)).equals(Scope.of(spec(now)))
                && isCounted(now);
        return same ? List.of() : List.of(Key.of(now));
    }

    private static boolean isCounted(ResourceQuota quota) {
        ResourceQuotaStatus status = quota.getStatus();
        return status != null && status.getUsed() != null && Usage.same(hard(quota), Amount.list(status.getHard()));
    }

    /** The quotas that an object concerned and does not any more, or not as much. */
    private <T extends HasMetadata> List<Key> freed(Change<T> change, Measure<T> measure) {
        T before = change.before();
        if (before == null) {
            // What is new the API server has added up itself.
            return List.of();
        }
        List<Key> keys = new ArrayList<>();
        for (ResourceQuota quota : quotas.in(OrEmpty.of(before.getMetadata().getNamespace()))) {
            List<Scope> scopes = Scope.of(spec(quota));
            if (hard(quota).keySet().stream().anyMatch(measure::measures)
                    && !charge(before, scopes, measure).equals(charge(change.now(), scopes, measure))) {
                keys.add(Key.of(quota));
            }
        }
        return keys;
    }

    private static <T> Map<String, Amount> charge(@Nullable T object, List<Scope> scopes, Measure<T> measure) {
        return object != null && scopes.stream().allMatch(scope -> measure.isIn(scope, object))
                ? measure.usage(object)
                : Map.of();
    }

    private void fewer(String kind, String namespace) {
        for (ResourceQuota quota : quotas.in(namespace)) {
            if (hard(quota).keySet().stream().anyMatch(name -> kind.equals(ObjectCounts.kindOf(name)))) {
                queue.add(Key.of(quota));
            }
        }
    }

    private Set<String> countedKinds() {
        Set<String> kinds = new HashSet<>();
        for (ResourceQuota quota : quotas.all()) {
            hard(quota).keySet().forEach(name -> {
                String kind = countedKind(name);
                if (kind != null) {
                    kinds.add(kind);
                }
            });
        }
        return kinds;
    }

    /** The kind of which only the number is known; null if the resource is measured in another way. */
    private @Nullable String countedKind(String resource) {
        return measured.stream().anyMatch(one -> one.measure().measures(resource))
                ? null
                : ObjectCounts.kindOf(resource);
    }

    private static ResourceQuotaSpec spec(ResourceQuota quota) {
        return quota.getSpec() == null ? new ResourceQuotaSpec() : quota.getSpec();
    }

    private static Map<String, Amount> hard(ResourceQuota quota) {
        return Amount.list(spec(quota).getHard());
    }

    @Override
    public Outcome reconcile(Key key) {
        ResourceQuota quota = quotas.get(key);
        if (quota == null) {
            return Outcome.done();
        }
        Set<String> limited = hard(quota).keySet();
        Usage usage = new Usage(limited, Scope.of(spec(quota)));
        measured.forEach(one -> one.count(usage, key.namespace()));
        boolean awaited = false;
        boolean missing = false;
        for (String name : limited) {
            String kind = countedKind(name);
            if (kind == null) {
                continue;
            }
            OptionalLong number = counts.count(kind, key.namespace());
            if (number.isPresent()) {
                usage.count(name, number.getAsLong());
            } else if (counts.isMissing(kind)) {
                missing = true;
            } else {
                awaited = true;
            }
        }
        write(quota, usage);
        if (awaited) {
            return Outcome.after(UNTIL_COUNTED);
        }
        return missing ? Outcome.after(UNTIL_SERVED) : Outcome.done();
    }

    private void write(ResourceQuota quota, Usage usage) {
        Map<String, Amount> before = quota.getStatus() == null
                ? Map.of()
                : Amount.list(quota.getStatus().getUsed());
        Map<String, Amount> used = usage.over(before);
        if (isCounted(quota) && Usage.same(before, used)) {
            return;
        }
        Map<String, Quantity> hard = OrEmpty.of(spec(quota).getHard());
        ResourceQuota counted = new ResourceQuotaBuilder(quota)
                .withNewStatus()
                .withHard(hard)
                .withUsed(Usage.quantities(used))
                .endStatus()
                .build();
        try {
            context.client().resource(counted).updateStatus();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }
}
