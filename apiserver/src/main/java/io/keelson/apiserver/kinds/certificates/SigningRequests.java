package io.keelson.apiserver.kinds.certificates;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.jspecify.annotations.Nullable;

/** What is wrong with what stands in base64 in a request for a certificate, and in the answer to it. */
final class SigningRequests {
    private SigningRequests() {}

    /** What is wrong with a request (PKCS #10 in PEM); null if it is fine and signed with its own key. */
    static @Nullable String wrong(String base64) {
        byte[] pem;
        try {
            pem = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            return "illegal base64 data";
        }
        List<Pem.Block> blocks = Pem.blocks(new String(pem, StandardCharsets.US_ASCII));
        if (blocks.isEmpty() || !blocks.getFirst().type().equals("CERTIFICATE REQUEST")) {
            return "PEM block type must be CERTIFICATE REQUEST";
        }
        try {
            PKCS10CertificationRequest request =
                    new PKCS10CertificationRequest(blocks.getFirst().content());
            boolean signed = request.isSignatureValid(
                    new JcaContentVerifierProviderBuilder().build(request.getSubjectPublicKeyInfo()));
            return signed ? null : "x509: signature verification failed";
        } catch (IOException | PKCSException | OperatorCreationException | RuntimeException e) {
            // Whatever the library stumbles over, the request is not one.
            return "asn1: structure error: " + e.getMessage();
        }
    }

    /** What is wrong with certificates in PEM; null if they are fine. */
    static @Nullable String wrongCertificates(String base64) {
        if (base64.isEmpty()) {
            return null;
        }
        List<Pem.Block> blocks;
        try {
            blocks = Pem.blocks(new String(Base64.getDecoder().decode(base64), StandardCharsets.US_ASCII));
        } catch (IllegalArgumentException e) {
            return "illegal base64 data";
        }
        for (Pem.Block block : blocks) {
            if (!block.type().equals("CERTIFICATE")) {
                return "only CERTIFICATE PEM blocks are allowed, found \"" + block.type() + "\"";
            }
            try {
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(block.content()));
            } catch (CertificateException e) {
                return "x509: malformed certificate";
            }
        }
        return blocks.isEmpty() ? "must contain at least one CERTIFICATE PEM block" : null;
    }
}
