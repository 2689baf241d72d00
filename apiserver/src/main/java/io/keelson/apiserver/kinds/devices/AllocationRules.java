package io.keelson.apiserver.kinds.devices;

import io.keelson.apiserver.kinds.pod.AffinityRules;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;

/** What is wrong with what a claim was given. */
final class AllocationRules {
    private static final int RESULTS_MAX = 32;

    private AllocationRules() {}

    /** @param names of what the claim asks for */
    static void validate(Place allocation, RequestNames names) {
        for (Place result : Bounded.items(allocation.at("devices", "results"), RESULTS_MAX)) {
            names.check(result.at("request"));
            DeviceNames.driver(result.at("driver"));
            DeviceNames.pool(result.at("pool"));
            result.at("device").check(Names::dnsLabel);
            BindingRules.conditions(result);
            if (result.at("shareID").present()) {
                DeviceNames.uid(result.at("shareID"));
            }
        }
        // Those of the claim, and those of the classes that it names.
        int configurationsMax = 2 * ConfigurationRules.CONFIGURATIONS_MAX;
        for (Place configuration : Bounded.items(allocation.at("devices", "config"), configurationsMax)) {
            configuration.at("source").oneOf("FromClaim", "FromClass");
            names.checkAll(configuration.at("requests"));
            ConfigurationRules.configuration(configuration, false);
        }
        if (allocation.at("nodeSelector").present()) {
            AffinityRules.nodeSelector(allocation.at("nodeSelector"));
        }
    }
}
