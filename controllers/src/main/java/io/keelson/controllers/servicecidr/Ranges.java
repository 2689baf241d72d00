package io.keelson.controllers.servicecidr;

import io.fabric8.kubernetes.api.model.networking.v1.IPAddress;
import io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDR;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The ranges of all ServiceCIDRs. Without I/O. */
final class Ranges {
    private static final String MANAGED_BY = "ipaddress.kubernetes.io/managed-by";
    private static final String ALLOCATOR = "ipallocator.k8s.io";

    private final List<Range> ranges = new ArrayList<>();

    private record Range(String name, IpPrefix prefix) {}

    Ranges(Collection<ServiceCIDR> objects) {
        for (ServiceCIDR object : objects) {
            for (IpPrefix prefix : prefixes(object)) {
                ranges.add(new Range(object.getMetadata().getName(), prefix));
            }
        }
    }

    /** The ranges of one; what is no range is left out. */
    private static List<IpPrefix> prefixes(ServiceCIDR object) {
        return object.getSpec() == null
                ? List.of()
                : OrEmpty.of(object.getSpec().getCidrs()).stream()
                        .map(IpPrefix::parse)
                        .filter(Objects::nonNull)
                        .toList();
    }

    /** The address that the API server gave a Service by an IPAddress; null if somebody else made it. */
    static @Nullable IpAddress allocated(IPAddress object) {
        return ALLOCATOR.equals(OrEmpty.of(object.getMetadata().getLabels()).get(MANAGED_BY))
                ? IpAddress.parse(object.getMetadata().getName())
                : null;
    }

    /** The names of those in which an address lies. */
    List<String> containing(IpAddress address) {
        return ranges.stream()
                .filter(range -> range.prefix().contains(address))
                .map(Range::name)
                .distinct()
                .toList();
    }

    /** The names of others that have addresses in common with one. */
    List<String> overlapping(ServiceCIDR object) {
        List<IpPrefix> own = prefixes(object);
        return ranges.stream()
                .filter(range -> !range.name().equals(object.getMetadata().getName()))
                .filter(range -> own.stream().anyMatch(range.prefix()::overlaps))
                .map(Range::name)
                .distinct()
                .toList();
    }

    /**
     * Whether no address would be without a range if one were not there: another one holds each of its ranges, or each address
     * that lies in it lies in another one too.
     */
    boolean canDoWithout(ServiceCIDR object, Collection<IPAddress> addresses) {
        String name = object.getMetadata().getName();
        List<IpPrefix> own = prefixes(object);
        boolean held = own.stream()
                .allMatch(prefix -> ranges.stream()
                        .anyMatch(range ->
                                !range.name().equals(name) && range.prefix().contains(prefix)));
        if (held) {
            return true;
        }
        for (IPAddress one : addresses) {
            IpAddress address = allocated(one);
            if (address != null
                    && own.stream().anyMatch(prefix -> prefix.contains(address))
                    && containing(address).stream().allMatch(name::equals)) {
                return false;
            }
        }
        return true;
    }
}
