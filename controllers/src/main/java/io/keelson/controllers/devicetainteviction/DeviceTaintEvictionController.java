package io.keelson.controllers.devicetainteviction;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceRequestAllocationResult;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimConsumerReference;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceSlice;
import io.keelson.controllers.objects.DeviceTaintRule;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.PodClaims;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.runtime.WorkQueue;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * {@code device-taint-eviction-controller}. A key with a namespace is a pod, one without is a rule.
 *
 * <p>A pod is remembered from the moment that it is seen to have to leave; once deleted it is remembered as such until it is
 * gone, so that a cache that is late does not have it deleted, and told of, twice.
 */
public final class DeviceTaintEvictionController implements Controller {
    private static final String NAME = "device-taint-eviction-controller";
    private static final int WORKERS = 10;
    private static final String REASON = "DeviceTaintManagerEviction";
    private static final String BY_CLAIM = "resource-claims";
    private static final String BY_DEVICE = "devices";
    private static final String BY_POOL = "pool";
    private static final String EVICTING = "evicting";

    private final Events events;
    private final Time time;
    private final WorkQueue<Key> queue;
    private final Cache<Pod> pods;
    private final Cache<ResourceClaim> claims;
    private final Cache<ResourceSlice> slices;
    private final @Nullable Cache<DeviceTaintRule> rules;
    private final PodEviction eviction;
    private final Counter deletions;
    private final Histogram late;
    private final @Nullable RuleStatus ruleStatus;

    /** By pod; as many as there are pods that have to leave. */
    private final Map<Key, Leaving> leaving = new ConcurrentHashMap<>();

    /**
     * A pod that has to leave.
     *
     * @param pod as it was seen first
     * @param asked whether it was asked to
     */
    private record Leaving(Pod pod, boolean asked) {
        boolean is(Pod other) {
            return pod.getMetadata().getUid().equals(other.getMetadata().getUid());
        }
    }

    private DeviceTaintEvictionController(boolean withRules, Context context, Setup setup) {
        events = context.events().from(NAME);
        time = context.time();
        queue = setup.queue();
        eviction = new PodEviction(context.client(), time);
        deletions = setup.metrics()
                .counter(
                        "device_taint_eviction_controller_pod_deletions_total",
                        "Pods deleted because of a taint of a device");
        late = setup.metrics()
                .histogram(
                        "device_taint_eviction_controller_pod_deletion_duration_seconds",
                        "How long after their time pods were deleted",
                        0.005,
                        2,
                        18);
        pods = setup.watch(Pod.class, DeviceTaintEvictionController::ofPod);
        pods.index(BY_CLAIM, PodClaims::keys);
        claims = setup.watch(ResourceClaim.class, this::ofClaim);
        claims.index(BY_DEVICE, Devices::of);
        slices = setup.watch(ResourceSlice.class, this::ofSlice);
        slices.index(BY_POOL, slice -> List.of(Devices.pool(slice)));
        if (withRules) {
            rules = setup.watch(DeviceTaintRule.class, DeviceTaintEvictionController::ofRule);
            rules.index(EVICTING, rule -> isEvicting(rule) ? List.of(EVICTING) : List.of());
            ruleStatus = new RuleStatus(context.client(), time, this::published, this::affected);
        } else {
            rules = null;
            ruleStatus = null;
        }
    }

    /**
     * The controller.
     *
     * @param withRules whether it looks at rules of administrators: the feature {@code DRADeviceTaintRules}
     */
    public static ControllerDescriptor descriptor(boolean withRules) {
        return new ControllerDescriptor(
                NAME, WORKERS, (context, setup) -> new DeviceTaintEvictionController(withRules, context, setup));
    }

    private static Collection<Key> ofPod(Change<Pod> change) {
        Pod before = change.before();
        Pod now = change.now();
        boolean same = before != null
                && now != null
                && before.getMetadata().getUid().equals(now.getMetadata().getUid())
                && Pods.node(before).equals(Pods.node(now))
                && PodClaims.keys(before).equals(PodClaims.keys(now));
        return same || PodClaims.keys(change.object()).isEmpty() ? List.of() : List.of(Key.of(change.object()));
    }

    private Collection<Key> ofClaim(Change<ResourceClaim> change) {
        Set<Key> keys = new HashSet<>();
        for (ResourceClaim claim : new ResourceClaim[] {change.before(), change.now()}) {
            if (claim != null && !ClaimEviction.devices(claim).isEmpty()) {
                pods.indexed(BY_CLAIM, Key.of(claim).toString()).forEach(pod -> keys.add(Key.of(pod)));
            }
        }
        return keys;
    }

    private Collection<Key> ofSlice(Change<ResourceSlice> change) {
        ResourceSlice before = change.before();
        ResourceSlice now = change.now();
        Set<String> pools = new TreeSet<>();
        // A slice without taints may still put an older one with taints out of force.
        if (before == null || now == null || !Objects.equals(before.getSpec(), now.getSpec())) {
            if (before != null) {
                pools.add(Devices.pool(before));
            }
            if (now != null) {
                pools.add(Devices.pool(now));
            }
        }
        Set<Key> keys = new HashSet<>();
        for (String pool : pools) {
            boolean concerned = (before != null && Devices.evicts(before))
                    || slices.indexed(BY_POOL, pool).stream().anyMatch(Devices::evicts);
            if (concerned) {
                users(pool).forEach(pod -> keys.add(Key.of(pod)));
            }
        }
        return keys;
    }

    private static Collection<Key> ofRule(Change<DeviceTaintRule> change) {
        DeviceTaintRule before = change.before();
        DeviceTaintRule now = change.now();
        boolean same = before != null
                && now != null
                && before.getMetadata().getUid().equals(now.getMetadata().getUid())
                && Objects.equals(before.getSpec(), now.getSpec());
        return same ? List.of() : List.of(Key.of(change.object()));
    }

    private static boolean isEvicting(DeviceTaintRule rule) {
        return rule.getSpec() != null
                && rule.getSpec().getTaint() != null
                && EvictingTaint.NO_EXECUTE.equals(rule.getSpec().getTaint().getEffect());
    }

    /** The pods of all claims that a name of the index finds. */
    private List<Pod> users(String device) {
        return claims.indexed(BY_DEVICE, device).stream()
                .flatMap(claim -> pods.indexed(BY_CLAIM, Key.of(claim).toString()).stream())
                .distinct()
                .toList();
    }

    @Override
    public Outcome reconcile(Key key) {
        return key.namespace().isEmpty() ? rule(key) : pod(key);
    }

    private Outcome pod(Key key) {
        Leaving before = leaving.get(key);
        Pod pod = pods.get(key);
        if (before != null && (pod == null || !before.is(pod))) {
            leaving.remove(key);
            before = null;
        }
        if (pod == null || (before != null && before.asked())) {
            return Outcome.done();
        }
        ClaimEviction now = eviction(pod);
        if (now == null) {
            if (before != null) {
                leaving.remove(key);
                events.normal(before.pod(), REASON, "Cancelling deletion");
            }
            return Outcome.done();
        }
        leaving.put(key, new Leaving(pod, false));
        tellLater(now);
        Duration left = Duration.between(time.instant(), now.due());
        if (left.isPositive()) {
            return Outcome.after(left);
        }
        if (!Pods.isTerminating(pod) && eviction.evict(pod, () -> events.normal(pod, REASON, "Marking for deletion"))) {
            deletions.inc();
            late.observe(ControllerMetrics.seconds(Duration.between(now.due(), time.instant())));
            if (ruleStatus != null) {
                ruleStatus.evicted(now.rules());
                // A status that was written between the end of the pod and this does not count it.
                tellLater(now);
            }
        }
        leaving.put(key, new Leaving(pod, true));
        return Outcome.done();
    }

    /** More pods may follow: the status of rules is written once for many of them. */
    private void tellLater(ClaimEviction reason) {
        if (rules != null && !reason.rules().isEmpty()) {
            for (DeviceTaintRule rule : rules.indexed(EVICTING, EVICTING)) {
                if (reason.rules().contains(rule.getMetadata().getUid())) {
                    queue.addAfter(Key.of(rule), RuleStatus.PERIOD);
                }
            }
        }
    }

    private @Nullable ClaimEviction eviction(Pod pod) {
        if (Pods.node(pod).isEmpty() || Pods.isTerminal(pod)) {
            return null;
        }
        ClaimEviction earliest = null;
        for (ResourceClaim claim : claimsOf(pod)) {
            earliest = ClaimEviction.join(earliest, ClaimEviction.of(claim, this::taints));
        }
        return earliest;
    }

    /** The claims that are reserved for a pod; one that another pod has is none of its own, whatever the pod says. */
    private List<ResourceClaim> claimsOf(Pod pod) {
        List<ResourceClaim> reserved = new ArrayList<>();
        for (String name : PodClaims.keys(pod)) {
            int slash = name.indexOf('/');
            ResourceClaim claim = claims.get(name.substring(0, slash), name.substring(slash + 1));
            if (claim != null && isReserved(claim, pod)) {
                reserved.add(claim);
            }
        }
        return reserved;
    }

    private static boolean isReserved(ResourceClaim claim, Pod pod) {
        if (claim.getStatus() == null) {
            return false;
        }
        for (ResourceClaimConsumerReference user : OrEmpty.of(claim.getStatus().getReservedFor())) {
            if (OrEmpty.of(user.getApiGroup()).isEmpty()
                    && "pods".equals(user.getResource())
                    && pod.getMetadata().getUid().equals(user.getUid())) {
                return true;
            }
        }
        return false;
    }

    private List<EvictingTaint> taints(DeviceRequestAllocationResult device) {
        List<EvictingTaint> taints = new ArrayList<>(
                Devices.taints(slices.indexed(BY_POOL, Devices.pool(device)), OrEmpty.of(device.getDevice())));
        if (rules != null) {
            for (DeviceTaintRule rule : rules.indexed(EVICTING, EVICTING)) {
                if (Devices.selects(rule, device)) {
                    taints.add(EvictingTaint.of(rule));
                }
            }
        }
        return taints;
    }

    /** How many devices that are published a rule means. */
    private long published(DeviceTaintRule rule) {
        Set<String> pools = new TreeSet<>();
        slices.all().forEach(slice -> pools.add(Devices.pool(slice)));
        long number = 0;
        for (String pool : pools) {
            for (ResourceSlice slice : Devices.current(slices.indexed(BY_POOL, pool))) {
                String driver = OrEmpty.of(slice.getSpec().getDriver());
                String name = pool.substring(driver.length() + 1);
                number += Devices.devices(slice)
                        .filter(device -> Devices.selects(rule, driver, name, OrEmpty.of(device.getName())))
                        .count();
            }
        }
        return number;
    }

    /** What a rule means among claims, and whom its taint drives away, or would if it were {@code NoExecute}. */
    private RuleStatus.Affected affected(DeviceTaintRule rule) {
        String broadly = Devices.broadly(rule.getSpec().getDeviceSelector());
        long devices = 0;
        Set<Key> affected = new HashSet<>();
        for (ResourceClaim claim : broadly == null ? List.<ResourceClaim>of() : claims.indexed(BY_DEVICE, broadly)) {
            devices += ClaimEviction.devices(claim).stream()
                    .filter(device -> Devices.selects(rule, device))
                    .count();
            boolean evicts = ClaimEviction.of(
                            claim,
                            device -> Devices.selects(rule, device) ? List.of(EvictingTaint.of(rule)) : List.of())
                    != null;
            if (evicts) {
                pods.indexed(BY_CLAIM, Key.of(claim).toString()).stream()
                        .filter(pod -> !Pods.isTerminating(pod)
                                && !Pods.isTerminal(pod)
                                && !Pods.node(pod).isEmpty()
                                && isReserved(claim, pod))
                        .forEach(pod -> affected.add(Key.of(pod)));
            }
        }
        return new RuleStatus.Affected(devices, affected);
    }

    private Outcome rule(Key key) {
        if (rules == null || ruleStatus == null) {
            return Outcome.done();
        }
        DeviceTaintRule rule = rules.get(key);
        if (ruleStatus.look(key, rule)) {
            // Whoever was to leave for what the rule was may stay, and whoever is to leave for what it is leaves.
            Set<Key> concerned = new HashSet<>(leaving.keySet());
            String broadly = rule == null || !isEvicting(rule)
                    ? null
                    : Devices.broadly(rule.getSpec().getDeviceSelector());
            if (broadly != null) {
                users(broadly).forEach(pod -> concerned.add(Key.of(pod)));
            }
            concerned.forEach(queue::add);
        }
        return rule == null ? Outcome.done() : ruleStatus.write(rule);
    }
}
