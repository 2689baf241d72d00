package io.keelson.cloud.local;

import io.fabric8.kubernetes.api.model.Service;
import io.keelson.cloud.CloudException;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a Service's addresses: one of each family that it has, the one that {@code spec.loadBalancerIP} names first.
 */
final class AddressChoice {
    private final AddressPool pool;

    AddressChoice(AddressPool pool) {
        this.pool = pool;
    }

    /**
     * The addresses that a Service is to answer at, in the order of its families. It holds them from now on, beside
     * what it held before.
     *
     * @throws CloudException if it cannot have them
     */
    List<IpAddress> of(Service service) {
        List<String> families = OrEmpty.of(service.getSpec().getIpFamilies());
        List<Boolean> wanted = families.isEmpty()
                ? List.of(false)
                : families.stream().map("IPv6"::equals).toList();
        boolean all = "RequireDualStack".equals(service.getSpec().getIpFamilyPolicy()) || wanted.size() == 1;
        IpAddress asked = asked(service);
        List<IpAddress> addresses = new ArrayList<>();
        for (boolean isV6 : wanted) {
            if (!all && !pool.has(isV6) && (asked == null || asked.isV6() != isV6)) {
                // It prefers both families, and one is all that there is.
                continue;
            }
            addresses.add(asked != null && asked.isV6() == isV6 ? exactly(service, asked) : any(service, isV6));
        }
        if (addresses.isEmpty()) {
            throw exhausted(wanted.getFirst());
        }
        return addresses;
    }

    private static @Nullable IpAddress asked(Service service) {
        String text = OrEmpty.of(service.getSpec().getLoadBalancerIP());
        if (text.isEmpty()) {
            return null;
        }
        IpAddress asked = IpAddress.parse(text);
        if (asked == null) {
            throw new CloudException("spec.loadBalancerIP: " + text + " is no IP address");
        }
        List<String> families = OrEmpty.of(service.getSpec().getIpFamilies());
        if (!families.isEmpty() && !families.contains(asked.family())) {
            throw new CloudException("spec.loadBalancerIP: " + text + " is an " + asked.family()
                    + " address, and the Service has only " + String.join(", ", families));
        }
        return asked;
    }

    private IpAddress exactly(Service service, IpAddress asked) {
        if (!pool.contains(asked)) {
            throw new CloudException("spec.loadBalancerIP: " + asked + " is not in the pool, which is " + pool);
        }
        if (!pool.take(service.getMetadata().getUid(), asked)) {
            throw new CloudException("spec.loadBalancerIP: " + asked + " is taken by another Service");
        }
        return asked;
    }

    private IpAddress any(Service service, boolean isV6) {
        Optional<IpAddress> taken = pool.take(service.getMetadata().getUid(), isV6);
        return taken.orElseThrow(() -> exhausted(isV6));
    }

    private CloudException exhausted(boolean isV6) {
        return new CloudException("there is no free " + (isV6 ? "IPv6" : "IPv4") + " address in the pool, which is "
                + pool + ": delete a Service of type LoadBalancer, or add addresses to the file of --cloud-config");
    }
}
