package io.keelson.agent.environment;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceFieldSelector;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.StorageSizes;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What containers ask for and may use, as variables and files of the downward API name it. */
public final class ResourceFields {
    private static final Set<String> RESOURCES = Set.of("cpu", "memory", "ephemeral-storage");
    private static final String HUGE_PAGES = "hugepages-";
    private static final int DIGITS_MAX = 30;

    private ResourceFields() {}

    /**
     * A container's request or limit, divided and rounded up. A limit that a container does not have is that of its
     * pod, or else what pods may have of the node in all.
     *
     * @param container whose it is, unless the field names another one; null in volumes, where it must
     * @param allocatable the node's
     * @throws ReferenceException if there is no such container or resource
     */
    public static String value(
            Pod pod, @Nullable Container container, ResourceFieldSelector field, Map<String, Quantity> allocatable)
            throws ReferenceException {
        Container named = named(pod, container, OrEmpty.of(field.getContainerName()));
        String path = OrEmpty.of(field.getResource());
        int dot = path.indexOf('.');
        String kind = dot < 0 ? "" : path.substring(0, dot);
        String resource = path.substring(dot + 1);
        if (!(RESOURCES.contains(resource) || resource.startsWith(HUGE_PAGES))
                || !("limits".equals(kind) || "requests".equals(kind))) {
            throw new ReferenceException("Unsupported container resource : " + path);
        }
        BigDecimal amount = "limits".equals(kind)
                ? limit(pod, named, resource, allocatable)
                : amount(requests(named.getResources()), resource);
        return divided(amount, StorageSizes.of(field.getDivisor()), "cpu".equals(resource));
    }

    private static Container named(Pod pod, @Nullable Container container, String name) throws ReferenceException {
        if (name.isEmpty() && container != null) {
            return container;
        }
        return Stream.of(pod.getSpec().getContainers(), pod.getSpec().getInitContainers())
                .map(OrEmpty::of)
                .flatMap(List::stream)
                .filter(other -> name.equals(other.getName()))
                .findFirst()
                .orElseThrow(() -> new ReferenceException("container " + name + " not found"));
    }

    private static BigDecimal limit(Pod pod, Container container, String resource, Map<String, Quantity> allocatable) {
        BigDecimal own = amount(limits(container.getResources()), resource);
        if (own.signum() > 0 || !RESOURCES.contains(resource)) {
            return own;
        }
        BigDecimal ofPod = amount(limits(pod.getSpec().getResources()), resource);
        return ofPod.signum() > 0 ? ofPod : amount(allocatable, resource);
    }

    private static Map<String, Quantity> limits(@Nullable ResourceRequirements resources) {
        return resources == null ? Map.of() : OrEmpty.of(resources.getLimits());
    }

    private static Map<String, Quantity> requests(@Nullable ResourceRequirements resources) {
        return resources == null ? Map.of() : OrEmpty.of(resources.getRequests());
    }

    private static BigDecimal amount(Map<String, Quantity> resources, String resource) {
        return StorageSizes.of(resources.get(resource));
    }

    /** Both are rounded up first, processors to thousandths and others to whole numbers, as the API counts them. */
    private static String divided(BigDecimal amount, BigDecimal divisor, boolean milli) {
        int scale = milli ? 3 : 0;
        BigDecimal by =
                divisor.signum() <= 0 ? BigDecimal.ONE : bounded(divisor).setScale(scale, RoundingMode.CEILING);
        return bounded(amount)
                .setScale(scale, RoundingMode.CEILING)
                .divide(by, 0, RoundingMode.CEILING)
                .toPlainString();
    }

    /** A few signs can stand for more digits than memory holds. */
    private static BigDecimal bounded(BigDecimal amount) {
        long digits = (long) amount.precision() - amount.scale();
        return digits > DIGITS_MAX
                ? BigDecimal.valueOf(Long.MAX_VALUE)
                : digits < -DIGITS_MAX ? BigDecimal.ONE : amount;
    }
}
