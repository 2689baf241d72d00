package io.keelson.apiserver.kinds.pod;

import io.keelson.apiserver.kinds.common.ObjectRules;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.Quantity;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What is wrong with what containers and pods request and are limited to. */
public final class ResourceRules {
    private ResourceRules() {}

    static void container(Place resources, Set<String> podClaims) {
        requirements(resources, ResourceRules::containerName);
        claims(resources.at("claims"), podClaims);
    }

    /** Of the pod as a whole, which has to cover its containers. */
    static void pod(Place spec) {
        Place resources = spec.at("resources");
        if (resources.empty()) {
            return;
        }
        resources.at("claims").mustBeAbsent("claims cannot be set for Resources at pod-level");
        requirements(resources, ResourceRules::podName);
        Map<String, Quantity> sums = ContainerSums.requests(spec.value());
        sums.forEach((name, sum) -> {
            if (ResourceNames.isOfPods(name)) {
                Quantity own = quantity(resources.at("requests", name));
                if (own != null && sum.compareTo(own) > 0) {
                    spec.errors()
                            .invalid(
                                    resources.at("requests").path().key(name),
                                    own.toString(),
                                    "must be greater than or equal to aggregate container requests of " + sum);
                }
            }
        });
        for (Place container : spec.at("containers").items()) {
            for (Place limit : container.at("resources", "limits").entries()) {
                Place whole = resources.at("limits", limit.key());
                Quantity own = quantity(limit);
                Quantity most = quantity(whole);
                if (whole.present() && own != null && most != null && own.compareTo(most) > 0) {
                    limit.invalid(own.toString(), "must be less than or equal to pod limits of " + most);
                }
            }
        }
    }

    /** What running a pod costs beside its containers. */
    static void overhead(Place overhead) {
        for (Place entry : overhead.entries()) {
            containerName(entry);
            amount(entry);
        }
    }

    private static void requirements(Place resources, Consumer<Place> nameRule) {
        Place limits = resources.at("limits");
        Place requests = resources.at("requests");
        boolean hugePages = false;
        boolean compute = false;
        for (Place limit : limits.entries()) {
            nameRule.accept(limit);
            amount(limit);
            hugePages |= hugePages(limit);
            compute |= limit.key().equals("cpu") || limit.key().equals("memory");
        }
        for (Place request : requests.entries()) {
            nameRule.accept(request);
            amount(request);
            againstLimit(requests, request, limits);
            hugePages |= hugePages(request);
            compute |= request.key().equals("cpu") || request.key().equals("memory");
        }
        if (hugePages && !compute) {
            resources.forbidden("HugePages require cpu or memory");
        }
    }

    private static void againstLimit(Place requests, Place request, Place limits) {
        Quantity requested = quantity(request);
        Place limit = limits.at(request.key());
        boolean flexible = ResourceNames.mayBeOvercommitted(request.key());
        if (limit.absent()) {
            if (!flexible) {
                limits.required("Limit must be set for non overcommitable resources");
            }
            return;
        }
        Quantity most = quantity(limit);
        if (requested == null || most == null) {
            return;
        }
        if (!flexible && requested.compareTo(most) != 0) {
            requests.invalid(requested.toString(), "must be equal to " + request.key() + " limit of " + most);
        } else if (requested.compareTo(most) > 0) {
            requests.invalid(
                    requested.toString(), "must be less than or equal to " + request.key() + " limit of " + most);
        }
    }

    private static boolean hugePages(Place entry) {
        if (!ResourceNames.isHugePages(entry.key())) {
            return false;
        }
        Quantity amount = quantity(entry);
        Quantity page = parse(entry.key().substring(ResourceNames.HUGE_PAGES.length()));
        if (amount != null && (page == null || page.value() <= 0 || amount.value() % page.value() != 0)) {
            entry.invalid(amount.toString(), amount + " is not positive integer multiple of " + entry.key());
        }
        return true;
    }

    private static void containerName(Place entry) {
        name(entry, () -> {
            String name = entry.key();
            if (name.indexOf('/') < 0) {
                if (!ResourceNames.isStandardForContainers(name)) {
                    entry.invalid(name, "must be a standard resource for containers");
                }
            } else if (!ResourceNames.isNative(name) && !ResourceNames.isExtended(name)) {
                entry.invalid(name, "doesn't follow extended resource name standard");
            }
        });
    }

    private static void podName(Place entry) {
        name(entry, () -> {
            if (!ResourceNames.isOfPods(entry.key())) {
                entry.errors().notSupported(entry.path(), entry.key(), List.of("cpu", "hugepages-", "memory"));
            }
        });
    }

    /** The name of a container's resource that stands as a value, as in autoscalers. */
    public static void containerNameAsValue(Place name) {
        name.check(Names::qualifiedName);
        if (name.text().indexOf('/') < 0 && !ResourceNames.isStandardForContainers(name.text())) {
            name.invalid("must be a standard resource for containers");
        }
    }

    private static void name(Place entry, Runnable more) {
        List<String> wrong = Names.qualifiedName(entry.key());
        wrong.forEach(text -> entry.invalid(entry.key(), text));
        if (wrong.isEmpty() && entry.key().indexOf('/') < 0 && !ResourceNames.isStandard(entry.key())) {
            entry.invalid(entry.key(), "must be a standard resource type or fully qualified");
        }
        if (wrong.isEmpty()) {
            more.run();
        }
    }

    /** The name of a resource in a quota. */
    public static void quotaName(Place entry) {
        name(entry, () -> {
            if (entry.key().indexOf('/') < 0 && !ResourceNames.isStandardForQuotas(entry.key())) {
                entry.invalid(entry.key(), "must be a standard resource for quota");
            }
        });
    }

    /** The name of a resource in a limit for containers and pods, or for others. */
    public static void limitName(Place entry, boolean containers) {
        if (containers) {
            containerName(entry);
        } else {
            name(entry, () -> {});
        }
    }

    /** A quantity of a resource, in whole pieces where there are only these. */
    public static void amount(Place entry) {
        Quantity amount = ObjectRules.quantity(entry);
        if (amount == null) {
            return;
        }
        if (amount.signum() < 0) {
            entry.invalid(amount.toString(), "must be greater than or equal to 0");
        }
        if (ResourceNames.isWhole(entry.key()) && amount.milliValue() % 1_000 != 0) {
            entry.invalid(amount.toString(), "must be an integer");
        }
    }

    private static void claims(Place claims, Set<String> podClaims) {
        Set<String> names = new HashSet<>();
        for (Place claim : claims.items()) {
            String name = claim.at("name").text();
            if (name.isEmpty()) {
                claim.required("");
                continue;
            }
            claim.at("request").checkIfFilled(Names::dnsLabel);
            String request = claim.at("request").text();
            String key = request.isEmpty() ? name : name + "/" + request;
            boolean overlaps = names.contains(name)
                    || (request.isEmpty() && names.stream().anyMatch(other -> other.startsWith(name + "/")));
            if (overlaps || !names.add(key)) {
                claim.duplicate(names.contains(name) ? name : key);
            }
            if (!podClaims.contains(name)) {
                claim.errors()
                        .notFound(
                                claim.path(),
                                name,
                                "must be one of the names in pod.spec.resourceClaims"
                                        + (podClaims.isEmpty()
                                                ? " which is empty"
                                                : ": " + String.join(", ", new TreeSet<>(podClaims))));
            }
        }
    }

    private static @Nullable Quantity quantity(Place entry) {
        try {
            return Quantity.of(entry.value());
        } catch (MalformedException e) {
            return null;
        }
    }

    private static @Nullable Quantity parse(String text) {
        try {
            return Quantity.parse(text);
        } catch (MalformedException e) {
            return null;
        }
    }
}
