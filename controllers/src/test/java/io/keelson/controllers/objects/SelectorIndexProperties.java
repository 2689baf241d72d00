package io.keelson.controllers.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class SelectorIndexProperties {
    private static Map<String, String> labels(Random random, int most) {
        Map<String, String> labels = new HashMap<>();
        int count = random.nextInt(most + 1);
        for (int i = 0; i < count; i++) {
            labels.put("key" + random.nextInt(3), "value" + random.nextInt(2));
        }
        return labels;
    }

    @Property(tries = 500)
    void whatASelectorSelectsIsFoundByItsLabels(@ForAll int seed) {
        Random random = new Random(seed);
        LabelSelectorBuilder built = new LabelSelectorBuilder().withMatchLabels(labels(random, 2));
        if (random.nextBoolean()) {
            built.addNewMatchExpression().withKey("key0").withOperator("Exists").endMatchExpression();
        }
        LabelSelector selector = built.build();
        Map<String, String> labels = labels(random, 4);
        boolean found = !Collections.disjoint(
                SelectorIndex.ofSelector("here", selector), SelectorIndex.ofLabels("here", labels));
        assertTrue(found || !Selectors.of(selector).test(labels), () -> selector + " " + labels);
        assertTrue(Collections.disjoint(
                SelectorIndex.ofSelector("here", selector), SelectorIndex.ofLabels("there", labels)));
        assertEquals(List.of(), SelectorIndex.ofSelector("here", (LabelSelector) null));
    }
}
