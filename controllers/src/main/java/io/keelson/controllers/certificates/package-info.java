/**
 * Certificates for those who ask for them by a CertificateSigningRequest: three loops over the same kind.
 *
 * <p>{@link io.keelson.controllers.certificates.ApprovingController} approves what kubelets ask for their own use, if
 * the authorizer lets them; {@link io.keelson.controllers.certificates.SigningController} signs what is approved, for
 * the signers of kubernetes.io, after it has looked whether the {@linkplain
 * io.keelson.controllers.certificates.SignerRules rules} of the signer allow it; {@link
 * io.keelson.controllers.certificates.CleanerController} deletes requests that are of no more use. {@link
 * io.keelson.controllers.certificates.RequestedCertificate} is what a request says, and {@link
 * io.keelson.controllers.certificates.CertificateAuthority} makes a certificate of it.
 */
@NullMarked
package io.keelson.controllers.certificates;

import org.jspecify.annotations.NullMarked;
