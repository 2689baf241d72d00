package io.keelson.apiserver.kinds.networking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.validation.Addresses;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;
import java.util.List;

/** Ranges out of which services get addresses. */
public final class ServiceCidrStrategy extends SpecAndStatus {
    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public void validate(ObjectNode range, FieldErrors errors) {
        Place spec = Place.of(range, errors).at("spec");
        Place cidrs = spec.at("cidrs");
        if (cidrs.size() == 0) {
            cidrs.required("at least one CIDR required");
        } else if (cidrs.size() > 2) {
            cidrs.invalid(spec.value(), "may only hold up to 2 values");
        } else if (cidrs.size() == 2 && !areOfBothFamilies(cidrs.textItems())) {
            cidrs.invalid(
                    spec.value(),
                    "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64");
        } else {
            cidrs.items().forEach(cidr -> cidr.check(Addresses::canonicalCidr));
        }
    }

    private static boolean areOfBothFamilies(List<String> cidrs) {
        Addresses.Cidr first = Addresses.Cidr.parse(cidrs.getFirst());
        Addresses.Cidr second = Addresses.Cidr.parse(cidrs.getLast());
        return first != null && second != null && first.bits() != second.bits();
    }

    /** A range of the other family may come to one that there is; nothing else changes. */
    @Override
    public void validateUpdate(ObjectNode range, ObjectNode old, FieldErrors errors) {
        Place cidrs = Place.of(range, errors).at("spec", "cidrs");
        List<Place> now = cidrs.items();
        JsonNode before = old.path("spec").path("cidrs");
        if (now.size() == before.size() || (before.size() == 1 && now.size() == 2)) {
            for (int i = 0; i < before.size(); i++) {
                now.get(i).mustEqual(before.get(i));
            }
        } else {
            cidrs.invalid("field is immutable");
        }
    }
}
