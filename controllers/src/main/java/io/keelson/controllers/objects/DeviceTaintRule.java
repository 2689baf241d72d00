package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.resource.v1alpha3.DeviceTaintRuleSpec;
import io.fabric8.kubernetes.api.model.resource.v1alpha3.DeviceTaintRuleStatus;
import io.fabric8.kubernetes.api.model.resource.v1alpha3.DeviceTaintSelector;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** A taint that an administrator gives to devices; in a version that the client's library does not have. */
@Group("resource.k8s.io")
@Version("v1beta2")
@Kind("DeviceTaintRule")
@Singular("devicetaintrule")
@Plural("devicetaintrules")
public final class DeviceTaintRule extends CustomResource<DeviceTaintRuleSpec, DeviceTaintRuleStatus> {
    private static final long serialVersionUID = 1;

    /** Whether it means some device of a pool, which has whatever names. */
    public boolean concerns(String driver, String pool) {
        DeviceTaintSelector selector = getSpec() == null ? null : getSpec().getDeviceSelector();
        return selector != null
                && (selector.getDriver() == null || selector.getDriver().equals(driver))
                && (selector.getPool() == null || selector.getPool().equals(pool));
    }

    /** Whether it means a device. One that does not select means none; one that selects by nothing means all. */
    public boolean selects(String driver, String pool, String device) {
        return concerns(driver, pool)
                && (getSpec().getDeviceSelector().getDevice() == null
                        || getSpec().getDeviceSelector().getDevice().equals(device));
    }
}
