package io.keelson.apiserver.kinds.networking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.validation.Addresses;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Place;
import java.util.List;

/** Ranges out of which services get addresses. */
public final class ServiceCidrStrategy extends SpecAndStatus {
    @Override
    public void validate(ObjectNode range, FieldErrors errors) {
        Place whole = Place.of(range, errors);
        Place cidrs = whole.at("spec", "cidrs");
        if (cidrs.size() == 0) {
            cidrs.required("at least one CIDR required");
        }
        if (cidrs.size() > 2) {
            cidrs.invalid("may only hold up to 2 values");
        }
        boolean created = whole.at("metadata", "resourceVersion").empty();
        for (Place cidr : cidrs.items()) {
            cidr.check(created ? Addresses::canonicalCidr : Addresses::cidr);
        }
        List<String> texts = cidrs.textItems();
        if (texts.size() == 2
                && (texts.get(0).indexOf(':') >= 0) == (texts.get(1).indexOf(':') >= 0)) {
            cidrs.invalid("may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64");
        }
    }

    @Override
    public void validateUpdate(ObjectNode range, ObjectNode old, FieldErrors errors) {
        Place cidrs = Place.of(range, errors).at("spec", "cidrs");
        JsonNode before = old.path("spec").path("cidrs");
        if (before.size() == 1 && cidrs.size() == 2) {
            cidrs.items().getFirst().mustEqual(before.get(0));
            Place added = cidrs.items().getLast();
            if (Addresses.cidr(added.text()).isEmpty()) {
                added.check(Addresses::canonicalCidr);
            }
        } else {
            cidrs.mustEqual(before);
        }
    }

    @Override
    public void validateStatusUpdate(ObjectNode range, ObjectNode old, FieldErrors errors) {
        LabelValidation.conditions(Place.of(range, errors).at("status", "conditions"));
    }
}
