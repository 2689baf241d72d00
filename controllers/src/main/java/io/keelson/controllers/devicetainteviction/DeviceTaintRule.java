package io.keelson.controllers.devicetainteviction;

import io.fabric8.kubernetes.api.model.resource.v1alpha3.DeviceTaintRuleSpec;
import io.fabric8.kubernetes.api.model.resource.v1alpha3.DeviceTaintRuleStatus;
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
}
