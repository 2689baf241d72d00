package io.keelson.apiserver.kinds.certificates;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.MalformedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;

/**
 * For whom a certificate is asked for.
 *
 * @param commonName the last one if there are several; empty if there is none
 */
public record RequestSubject(String commonName, List<String> organizations) {
    public RequestSubject {
        organizations = List.copyOf(organizations);
    }

    /**
     * Reads it from a CertificateSigningRequest.
     *
     * @throws MalformedException if what stands in {@code spec.request} cannot be read
     */
    public static RequestSubject of(JsonNode signingRequest) {
        String commonName = "";
        List<String> organizations = new ArrayList<>();
        for (RDN rdn : parse(signingRequest.path("spec").path("request").asText(""))
                .getSubject()
                .getRDNs()) {
            for (AttributeTypeAndValue attribute : rdn.getTypesAndValues()) {
                if (!(attribute.getValue() instanceof ASN1String text)) {
                    continue;
                }
                if (attribute.getType().equals(BCStyle.CN)) {
                    commonName = text.getString();
                } else if (attribute.getType().equals(BCStyle.O)) {
                    organizations.add(text.getString());
                }
            }
        }
        return new RequestSubject(commonName, organizations);
    }

    private static PKCS10CertificationRequest parse(String base64) {
        try {
            String pem = new String(Base64.getDecoder().decode(base64), StandardCharsets.US_ASCII);
            List<Pem.Block> blocks = Pem.blocks(pem);
            if (blocks.isEmpty() || !blocks.getFirst().type().equals("CERTIFICATE REQUEST")) {
                throw new MalformedException("PEM block type must be CERTIFICATE REQUEST");
            }
            return new PKCS10CertificationRequest(blocks.getFirst().content());
        } catch (IOException | IllegalArgumentException e) {
            throw new MalformedException("asn1: structure error: " + e.getMessage());
        }
    }
}
