package io.keelson.apiserver.kinds.core;

import io.keelson.apiserver.validation.Addresses;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What is wrong with a service's addresses within the cluster, and their families. */
public final class ClusterIpRules {
    private ClusterIpRules() {}

    /** @param spec of a service that is no external name */
    public static void validate(Place spec) {
        Place first = spec.at("clusterIP");
        Place all = spec.at("clusterIPs");
        if (first.empty()) {
            if (all.size() > 0) {
                all.invalid("must be empty when `clusterIP` is not specified");
            }
        } else if (all.size() == 0) {
            all.required("");
        } else if (!all.items().getFirst().is(first.text())) {
            all.invalid("first value must match `clusterIP`");
        }
        families(spec);
        boolean fine = addresses(all);
        if (all.size() > 2) {
            all.invalid("may only hold up to 2 values");
        }
        if (!fine) {
            return;
        }
        List<Place> addresses = all.items();
        if (addresses.size() > 1) {
            long six = addresses.stream()
                    .filter(address -> Addresses.isIpv6(address.text()))
                    .count();
            if (six == 0 || six == addresses.size()) {
                all.invalid("may specify no more than one IP for each IP family");
            }
        }
        if (!ServiceTypes.isHeadless(spec.value())) {
            fit(addresses, spec.at("ipFamilies").textItems());
        }
    }

    private static void families(Place spec) {
        Set<String> seen = new HashSet<>();
        for (Place family : spec.at("ipFamilies").items()) {
            if (!family.is("IPv4") && !family.is("IPv6")) {
                family.notSupported("IPv4", "IPv6");
            }
            if (!seen.add(family.text())) {
                family.duplicate();
            }
        }
        spec.at("ipFamilyPolicy").oneOfIfPresent("PreferDualStack", "RequireDualStack", "SingleStack");
    }

    /** Whether all of them are addresses, or the only one is {@code None}. */
    private static boolean addresses(Place all) {
        boolean fine = true;
        List<Place> addresses = all.items();
        for (int i = 0; i < addresses.size(); i++) {
            Place address = addresses.get(i);
            if (i == 0 && address.is("None")) {
                if (addresses.size() > 1) {
                    all.invalid("'None' must be the first and only value");
                    fine = false;
                }
            } else if (!Addresses.ip(address.text()).isEmpty()) {
                address.check(Addresses::ip);
                fine = false;
            }
        }
        return fine;
    }

    private static void fit(List<Place> addresses, List<String> families) {
        for (int i = 0; i < Math.min(addresses.size(), families.size()); i++) {
            Place address = addresses.get(i);
            boolean six = Addresses.isIpv6(address.text());
            if (six != families.get(i).equals("IPv6")) {
                address.invalid("expected an " + families.get(i) + " value as indicated by `ipFamilies[" + i + "]`");
            }
        }
    }
}
