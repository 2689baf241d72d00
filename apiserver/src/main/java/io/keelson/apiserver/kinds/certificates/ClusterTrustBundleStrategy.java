package io.keelson.apiserver.kinds.certificates;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.NameRule;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Certificates of authorities that everybody in the cluster may trust, of a signer or of nobody in particular. */
public final class ClusterTrustBundleStrategy implements Strategy {
    private static final int BUNDLE_BYTES_MAX = 1024 * 1024;
    private static final String OMITTED = "<value omitted>";

    /** Names have the signer's in front, with a colon; what else they have to be is said by {@link #validate}. */
    @Override
    public NameRule nameRule() {
        return NameRule.PATH_SEGMENT;
    }

    @Override
    public boolean updatesUnconditionally() {
        return false;
    }

    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public void validate(ObjectNode bundle, FieldErrors errors) {
        Place whole = Place.of(bundle, errors);
        named(whole);
        anchors(whole.at("spec", "trustBundle"));
    }

    private static void named(Place bundle) {
        Place signer = bundle.at("spec", "signerName");
        Place name = bundle.at("metadata", "name");
        String own = name.text();
        if (signer.filled()) {
            CertificateSigningRequestStrategy.signer(signer);
            String prefix = signer.text().replace('/', ':') + ":";
            if (!own.startsWith(prefix)) {
                name.invalid(
                        "ClusterTrustBundle for signerName " + signer.text() + " must be named with prefix " + prefix);
                return;
            }
            own = own.substring(prefix.length());
        } else if (own.indexOf(':') >= 0) {
            name.invalid("ClusterTrustBundle without signer name must not have \":\" in its name");
            return;
        }
        Names.dnsSubdomain(own).forEach(name::invalid);
    }

    private static void anchors(Place text) {
        if (text.text().length() > BUNDLE_BYTES_MAX) {
            text.tooLong(BUNDLE_BYTES_MAX);
            return;
        }
        List<Pem.Block> blocks = Pem.blocks(text.text());
        Map<ByteBuffer, List<Integer>> places = new LinkedHashMap<>();
        boolean malformed = false;
        for (int i = 0; i < blocks.size(); i++) {
            String wrong = wrong(blocks.get(i));
            if (!wrong.isEmpty()) {
                text.invalid(OMITTED, "entry " + i + ' ' + wrong);
                malformed = true;
            }
            places.computeIfAbsent(ByteBuffer.wrap(blocks.get(i).content()), ignored -> new ArrayList<>())
                    .add(i);
        }
        if (malformed) {
            return;
        }
        if (places.isEmpty()) {
            text.invalid(OMITTED, "at least one trust anchor must be provided");
        }
        places.values().stream()
                .filter(same -> same.size() > 1)
                .forEach(same -> text.invalid(
                        OMITTED,
                        "duplicate trust anchor (indices " + same.toString().replace(",", "") + ')'));
    }

    /** What is wrong with one certificate; empty if nothing is. */
    private static String wrong(Pem.Block block) {
        if (!block.type().equals("CERTIFICATE")) {
            return "has bad block type: " + block.type();
        }
        try {
            X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(block.content()));
            return certificate.getBasicConstraints() < 0 ? "does not have the CA bit set" : "";
        } catch (CertificateException e) {
            return "does not parse as X.509";
        }
    }

    /** A bundle that is not changed is not read again: what was good once stays. */
    @Override
    public void validateChanged(ObjectNode bundle, ObjectNode old, FieldErrors errors) {
        Place whole = Place.of(bundle, errors);
        named(whole);
        Place text = whole.at("spec", "trustBundle");
        if (!text.is(old.path("spec").path("trustBundle").asText(""))) {
            anchors(text);
        }
        validateUpdate(bundle, old, errors);
    }

    @Override
    public void validateUpdate(ObjectNode bundle, ObjectNode old, FieldErrors errors) {
        Place signer = Place.of(bundle, errors).at("spec", "signerName");
        if (!signer.text().equals(old.path("spec").path("signerName").asText(""))) {
            signer.invalid("field is immutable");
        }
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode bundle) {
        return Map.of("spec.signerName", bundle.path("spec").path("signerName").asText(""));
    }
}
