package io.keelson.apiserver.kinds.networking;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.validation.Addresses;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Ingresses. */
public final class IngressStrategy extends SpecAndStatus {
    private static final String CLASS_ANNOTATION = "kubernetes.io/ingress.class";

    @Override
    protected void firstStatus(ObjectNode status) {
        status.putObject("loadBalancer");
    }

    @Override
    public void validate(ObjectNode ingress, FieldErrors errors) {
        Place whole = Place.of(ingress, errors);
        Place spec = whole.at("spec");
        if (spec.at("rules").size() == 0 && spec.at("defaultBackend").absent()) {
            spec.invalid(ingress.arrayNode(), "either `defaultBackend` or `rules` must be specified");
        }
        if (spec.at("defaultBackend").present()) {
            IngressRules.backend(spec.at("defaultBackend"));
        }
        spec.at("rules").items().forEach(IngressRules::rule);
        spec.at("tls").items().forEach(IngressRules::tls);
        if (spec.at("ingressClassName").present()) {
            spec.at("ingressClassName").check(Names::dnsSubdomain);
        }
        Place annotation = whole.at("metadata", "annotations", CLASS_ANNOTATION);
        if (whole.at("metadata", "resourceVersion").empty()
                && annotation.present()
                && spec.at("ingressClassName").present()) {
            annotation
                    .as(FieldPath.of("annotations", CLASS_ANNOTATION))
                    .invalid("can not be set when the class field is also set");
        }
    }

    @Override
    public void validateStatusUpdate(ObjectNode ingress, ObjectNode old, FieldErrors errors) {
        for (Place address : Place.of(ingress, errors)
                .at("status", "loadBalancer", "ingress")
                .items()) {
            address.at("ip").checkIfFilled(Addresses::ip);
            Place hostname = address.at("hostname");
            hostname.checkIfFilled(Names::dnsSubdomain);
            if (hostname.filled() && Addresses.ip(hostname.text()).isEmpty()) {
                hostname.invalid("must be a DNS name, not an IP address");
            }
        }
    }

    @Override
    public void warn(ObjectNode ingress, @Nullable ObjectNode old, List<String> warnings) {
        boolean annotated = ObjectMeta.annotation(ingress, CLASS_ANNOTATION) != null;
        if (old == null && annotated && !ingress.path("spec").hasNonNull("ingressClassName")) {
            warnings.add("annotation \"" + CLASS_ANNOTATION
                    + "\" is deprecated, please use 'spec.ingressClassName' instead");
        }
    }
}
