package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.Quantity;
import java.util.List;

/** Warns of amounts of bytes that are none. */
public final class AmountWarnings {
    private AmountWarnings() {}

    /** @param path of the list of amounts */
    public static void tellOfFractions(JsonNode amounts, String name, String path, List<String> warnings) {
        if (!amounts.has(name)) {
            return;
        }
        try {
            Quantity amount = Quantity.of(amounts.get(name));
            long thousandths = amount.milliValue();
            // The largest stands for all that are larger still, and of which nobody asks for a fraction.
            if (thousandths % 1_000 != 0 && thousandths != Long.MAX_VALUE) {
                warnings.add(path + "[" + name + "]: fractional byte value " + GoText.quoted(amount.toString())
                        + " is invalid, must be an integer");
            }
        } catch (MalformedException e) {
            // It would not be valid.
        }
    }

    /** As above, of what is requested and what is the limit. */
    static void tellOfResources(JsonNode resources, List<String> names, String path, List<String> warnings) {
        for (String name : names) {
            tellOfFractions(resources.path("limits"), name, path + ".limits", warnings);
            tellOfFractions(resources.path("requests"), name, path + ".requests", warnings);
        }
    }
}
