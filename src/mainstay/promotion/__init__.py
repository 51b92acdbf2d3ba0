"""Promotion: policies, gates, approvals, the guarded registry, rollback and the audit trail."""
