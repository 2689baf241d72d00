package io.keelson.agent.dns;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Names and addresses of a file like {@code /etc/hosts}. Of names that are not in it somebody else is asked; of a name that is,
 * but without an address of the kind that is asked for, nobody.
 *
 * @param addresses what each name has
 * @param names what each address has, by its reverse name
 */
record HostsFile(Map<DnsName, Set<ResourceRecord>> addresses, Map<DnsName, Set<ResourceRecord>> names) {
    private static final String SOURCE = "hosts";
    private static final int SECONDS = 3600;
    private static final int NAMES_MAX = 100_000;

    /** One that says nothing. */
    static final HostsFile EMPTY = new HostsFile(Map.of(), Map.of());

    /** Reads its text; lines that say nothing are left out, as are more than {@value #NAMES_MAX} names. */
    static HostsFile parse(String text) {
        Map<DnsName, Set<ResourceRecord>> addresses = new HashMap<>();
        Map<DnsName, Set<ResourceRecord>> names = new HashMap<>();
        for (String line : text.split("\n", -1)) {
            int comment = line.indexOf('#');
            String[] words =
                    (comment < 0 ? line : line.substring(0, comment)).strip().split("\\s+", -1);
            byte[] address = ServiceNames.octets(words[0]);
            for (int i = 1; address != null && i < words.length && addresses.size() < NAMES_MAX; i++) {
                add(addresses, names, address, words[i]);
            }
        }
        return new HostsFile(addresses, names);
    }

    private static void add(
            Map<DnsName, Set<ResourceRecord>> addresses,
            Map<DnsName, Set<ResourceRecord>> names,
            byte[] address,
            String word) {
        DnsName name;
        try {
            name = DnsName.parse(word);
        } catch (IllegalArgumentException e) {
            // As if it did not stand there.
            return;
        }
        addresses
                .computeIfAbsent(name, ignored -> new LinkedHashSet<>())
                .add(ResourceRecord.address(name, SECONDS, address));
        DnsName reverse = ReverseName.of(address);
        names.computeIfAbsent(reverse, ignored -> new LinkedHashSet<>())
                .add(ResourceRecord.ptr(reverse, SECONDS, name));
    }

    /** What it has for a question of the Internet's class. */
    Lookup lookup(Question question) {
        Map<DnsName, Set<ResourceRecord>> asked = question.type() == RecordType.PTR ? names : addresses;
        Set<ResourceRecord> known = asked.get(question.name());
        if (known == null) {
            return Lookup.ELSEWHERE;
        }
        List<ResourceRecord> found = new ArrayList<>();
        for (ResourceRecord record : known) {
            if (record.type() == question.type()) {
                found.add(new ResourceRecord(
                        question.name(), record.type(), record.group(), record.seconds(), record.data()));
            }
        }
        return new Lookup.Known(Answer.own(found, List.of(), SOURCE));
    }
}
