package io.keelson.controllers.servicecidr;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IPAddress;
import io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDR;
import io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDRBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
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
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** Says that ServiceCIDRs are ready, and guards them while they are used: {@code service-cidr-controller}. */
public final class ServiceCidrController implements Controller {
    static final String FINALIZER = "networking.k8s.io/service-cidr-finalizer";
    private static final String READY = "Ready";
    /** How long a server may go on to allocate from a range before it learns that it is to be deleted. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final KubernetesClient client;
    private final Events events;
    private final Time time;
    private final Cache<ServiceCIDR> ranges;
    private final Cache<IPAddress> addresses;

    private ServiceCidrController(Context context, Setup setup) {
        client = context.client();
        events = context.events().from("service-cidr-controller");
        time = context.time();
        Cache<ServiceCIDR> seen = setup.read(ServiceCIDR.class);
        ranges = setup.watch(ServiceCIDR.class, change -> concerned(seen, change));
        addresses = setup.watch(
                IPAddress.class,
                change -> change.added() || change.deleted() ? waiting(seen, change.object()) : List.of());
    }

    /** With five workers, as the original. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor("service-cidr-controller", 5, ServiceCidrController::new);
    }

    private static List<Key> concerned(Cache<ServiceCIDR> ranges, Change<ServiceCIDR> change) {
        List<Key> concerned = new ArrayList<>();
        concerned.add(Key.of(change.object()));
        if (change.added() || change.deleted()) {
            new Ranges(ranges.all()).overlapping(change.object()).forEach(name -> concerned.add(new Key("", name)));
        }
        return concerned;
    }

    /** The ranges that are to be deleted, and that an address may keep from it. */
    private static List<Key> waiting(Cache<ServiceCIDR> ranges, IPAddress object) {
        IpAddress address = Ranges.allocated(object);
        List<ServiceCIDR> leaving = ranges.all().stream()
                .filter(range -> range.getMetadata().getDeletionTimestamp() != null)
                .toList();
        return address == null || leaving.isEmpty()
                ? List.of()
                : new Ranges(leaving)
                        .containing(address).stream()
                                .map(name -> new Key("", name))
                                .toList();
    }

    @Override
    public Outcome reconcile(Key key) {
        ServiceCIDR range = ranges.get(key);
        if (range == null) {
            return Outcome.done();
        }
        try {
            return range.getMetadata().getDeletionTimestamp() == null ? keep(range) : leave(range);
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return Outcome.done();
            }
            throw e;
        }
    }

    private Outcome keep(ServiceCIDR range) {
        ServiceCIDR guarded = range;
        if (!OrEmpty.of(range.getMetadata().getFinalizers()).contains(FINALIZER)) {
            guarded = client.resource(new ServiceCIDRBuilder(range)
                            .editMetadata()
                            .addToFinalizers(FINALIZER)
                            .endMetadata()
                            .build())
                    .update();
        }
        try {
            say(guarded, "True", "", "Kubernetes Service CIDR is ready");
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT && e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                events.warning(
                        range, "KubernetesServiceCIDRError", "The ServiceCIDR Status can not be set to Ready=True");
            }
            throw e;
        }
        return Outcome.done();
    }

    private Outcome leave(ServiceCIDR range) {
        if (!OrEmpty.of(range.getMetadata().getFinalizers()).contains(FINALIZER)) {
            return Outcome.done();
        }
        if (!new Ranges(ranges.all()).canDoWithout(range, addresses.all())) {
            say(
                    range,
                    "False",
                    "Terminating",
                    "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new"
                            + " ServiceCIDR");
            return Outcome.done();
        }
        Instant since = Pods.time(range.getMetadata().getDeletionTimestamp());
        Instant now = time.instant();
        if (since != null && since.plus(GRACE).isAfter(now)) {
            return Outcome.after(Duration.between(now, since.plus(GRACE)));
        }
        client.resource(new ServiceCIDRBuilder(range)
                        .editMetadata()
                        .removeFromFinalizers(FINALIZER)
                        .endMetadata()
                        .build())
                .update();
        return Outcome.done();
    }

    /** Writes the condition {@code Ready}, unless it is there. */
    private void say(ServiceCIDR range, String status, String reason, String message) {
        List<Condition> conditions = new ArrayList<>(
                range.getStatus() == null
                        ? List.of()
                        : OrEmpty.of(range.getStatus().getConditions()));
        for (Condition condition : conditions) {
            if (READY.equals(condition.getType()) && status.equals(condition.getStatus())) {
                return;
            }
        }
        conditions.removeIf(condition -> READY.equals(condition.getType()));
        conditions.add(new ConditionBuilder()
                .withType(READY)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withLastTransitionTime(
                        time.instant().truncatedTo(ChronoUnit.SECONDS).toString())
                .build());
        client.resource(new ServiceCIDRBuilder(range)
                        .editOrNewStatus()
                        .withConditions(conditions)
                        .endStatus()
                        .build())
                .updateStatus();
    }
}
