package io.keelson.cloud.service;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.cloud.CloudException;
import io.keelson.cloud.LoadBalancers;
import io.keelson.cloud.Retries;
import io.keelson.controllers.objects.OwnWrites;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code service-lb-controller}. Before anything is asked of the cloud the Service has the finalizer, and it keeps that
 * until the cloud has taken the load balancer away; so none is left behind, wherever the process dies.
 */
public final class ServiceLoadBalancerController implements Controller {
    /** As {@code --controllers} has it. */
    public static final String NAME = "service-lb-controller";

    private static final Logger LOG = LoggerFactory.getLogger(ServiceLoadBalancerController.class);

    static final Duration FIRST_RETRY = Duration.ofSeconds(5);
    static final Duration LAST_RETRY = Duration.ofMinutes(5);

    private final String cluster;
    private final LoadBalancers balancers;
    private final Time time;
    private final NodeSync nodeSync;
    private final BalancerWork work;
    private final OwnWrites written;
    private final Cache<Service> services;
    private final Cache<Node> nodes;
    private final Retries retries = new Retries(FIRST_RETRY, LAST_RETRY);
    /** What was done last for each Service that has a load balancer from this process. */
    private final Map<Key, Done> done = new ConcurrentHashMap<>();

    private volatile @Nullable Backends backends;
    private boolean recovered;

    /**
     * What was done for a Service: as it was then, and with which nodes.
     *
     * @param whole false if it has not gone well since
     */
    private record Done(Service service, Backends backends, boolean whole) {}

    private ServiceLoadBalancerController(
            LoadBalancers balancers, ServiceLoadBalancerSettings settings, Context context, Setup setup) {
        this.balancers = balancers;
        cluster = settings.cluster();
        written = new OwnWrites(context.time());
        Events events = context.events().from("service-controller");
        time = context.time();
        ServiceMetrics metrics = new ServiceMetrics(setup.metrics());
        nodeSync = new NodeSync(metrics.nodesSynced());
        work = new BalancerWork(
                cluster, balancers, new ServiceWriter(context.client(), written), events, metrics, time);
        services = setup.watch(Service.class, this::concerned);
        nodes = setup.watch(Node.class, this::concernedByNode);
    }

    /** The controller for the load balancers of a provider. */
    public static ControllerDescriptor descriptor(LoadBalancers balancers, ServiceLoadBalancerSettings settings) {
        return new ControllerDescriptor(
                NAME,
                settings.workers(),
                (context, setup) -> new ServiceLoadBalancerController(balancers, settings, context, setup));
    }

    private Collection<Key> concerned(Change<Service> change) {
        Key key = Key.of(change.object());
        Service now = change.now();
        Service before = change.before();
        boolean served = done.containsKey(key);
        if (before != null && now != null && asksForTheSame(before, now)) {
            // Such as our own finalizer and status: who waits for another try after a failure waits on.
            return List.of();
        }
        return served || (now != null && Wish.of(now, false) != Wish.NOTHING) ? List.of(key) : List.of();
    }

    private static boolean asksForTheSame(Service before, Service now) {
        Wish wish = Wish.of(now, true);
        return before.getMetadata().getUid().equals(now.getMetadata().getUid())
                && Wish.of(before, true) == wish
                && (wish != Wish.ENSURE || Difference.between(before, now).isEmpty());
    }

    private Collection<Key> concernedByNode(Change<Node> change) {
        if (Backends.isOther(change)) {
            backends = null;
        }
        if (!Backends.isUrgent(change)) {
            return List.of();
        }
        List<Key> concerned = List.copyOf(done.keySet());
        nodeSync.begin(concerned, time.instant());
        return concerned;
    }

    private Backends backends() {
        Backends known = backends;
        if (known == null) {
            // A change between the two comes by the watch and is looked at then.
            known = Backends.among(nodes.all());
            backends = known;
        }
        return known;
    }

    /** Lets the provider know who holds what, before it gives anything away. */
    private synchronized void recover() {
        if (!recovered) {
            balancers.recover(
                    cluster,
                    services.all().stream()
                            .filter(service -> Wish.of(service, false) != Wish.NOTHING)
                            .toList());
            recovered = true;
        }
    }

    @Override
    public Outcome reconcile(Key key) {
        try {
            return look(key);
        } finally {
            nodeSync.looked(key, time.instant());
        }
    }

    private Outcome look(Key key) {
        Service service = services.get(key);
        try {
            recover();
            return service == null ? vanished(key) : bring(key, service);
        } catch (CloudException e) {
            return failed(key, service, e.getMessage(), e.retryAfter());
        } catch (KubernetesClientException e) {
            if (Refusals.isOutdated(e)) {
                throw e;
            }
            return failed(key, service, Refusals.message(e), null);
        }
    }

    private Outcome failed(Key key, @Nullable Service service, @Nullable String message, @Nullable Duration after) {
        LOG.warn("{}: {}: tried again later: {}", NAME, key, message);
        if (service != null) {
            work.failed(service, String.valueOf(message));
        }
        return Outcome.after(after == null ? retries.after(key) : after);
    }

    private Outcome bring(Key key, Service service) {
        if (!written.seen(key, List.of(service))) {
            return Outcome.after(OwnWrites.GIVEN_UP);
        }
        Done last = done.get(key);
        if (last != null && !uid(last.service()).equals(uid(service))) {
            // Deleted and made again at once, which is possible only if somebody else took the finalizer away.
            work.deleteVanished(last.service());
            done.remove(key);
            last = null;
        }
        switch (Wish.of(service, last != null)) {
            case ENSURE -> ensure(key, service, last);
            case CLEAN_UP -> {
                work.cleanUp(service);
                done.remove(key);
            }
            case NOTHING -> {}
        }
        retries.forget(key);
        return Outcome.done();
    }

    private void ensure(Key key, Service service, @Nullable Done last) {
        Backends current = backends();
        if (last != null && last.whole()) {
            Optional<Difference> difference = Difference.between(last.service(), service);
            if (difference.isPresent()) {
                work.tell(service, difference.get());
            } else if (last.backends().identities().equals(current.identities()) || work.update(service, current)) {
                done.put(key, new Done(last.service(), current, true));
                return;
            }
        }
        if (last != null) {
            // It is told once, and done until it goes well.
            done.put(key, new Done(service, current, false));
        }
        work.ensure(service, current);
        done.put(key, new Done(service, current, true));
    }

    private Outcome vanished(Key key) {
        Done last = done.get(key);
        if (last != null) {
            work.deleteVanished(last.service());
            done.remove(key);
        }
        retries.forget(key);
        written.forget(key);
        return Outcome.done();
    }

    private static String uid(Service service) {
        return service.getMetadata().getUid();
    }
}
