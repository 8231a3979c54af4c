/** What a PMML document asks for, what it returns, and how a batch of records is scored. */
module org.pillion.scoring {
  exports org.pillion.scoring;

  uses org.pillion.scoring.Engine;
}
